/**
 * An identifier in double quotes, which SQLite and PostgreSQL read alike, so that no name is a keyword,
 * ends early or changes its case.
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `"schema"."name"`. */
export function quoteQualified(schemaName: string, name: string): string {
  return `${quoteIdentifier(schemaName)}.${quoteIdentifier(name)}`
}

/** A text literal for PostgreSQL with `standard_conforming_strings`, its default, and for SQLite. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** SQLite's names are the same where only the case of ASCII letters differs. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

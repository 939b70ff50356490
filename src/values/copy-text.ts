// Inside of brackets `\b` is the backspace.
const special = /[\\\b\f\n\r\t\v]/g
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/**
 * One row in COPY's text format, with its line end, as COPY itself writes it. Fields are PostgreSQL's text
 * forms, null is NULL. https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function copyLine(fields: readonly (string | null)[]): string {
  let line = ''
  for (let index = 0; index < fields.length; index += 1) {
    if (index > 0) line += '\t'
    line += copyField(fields[index] ?? null)
  }
  return `${line}\n`
}

function copyField(field: string | null): string {
  if (field === null) return '\\N'
  return field.replace(special, (character) => escapes[character] as string)
}

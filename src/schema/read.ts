import { decision, info, warning } from './findings.ts'
import type { Finding, Trigger } from './model.ts'
import { foldName } from './quote.ts'
import { readColumns, readKey } from './read-columns.ts'
import { readForeignKeys } from './read-foreign-keys.ts'
import { readIndexes } from './read-indexes.ts'
import { numberOf, textOf, textOrNull, type SchemaReader } from './reader.ts'
import type { SourceSchema, SourceTable } from './source.ts'
import { readTableText, type TableText } from './table-text.ts'

/**
 * Reads the ordinary tables of `main` from a live SQLite connection, in the order of their creation.
 * SQLite's own tables and Lockstep's are left out, and so are views, of which more is known once columns have types;
 * virtual tables and temporary tables are not mirrored and give a finding each. Throws `SCHEMA_UNSUPPORTED` where a table cannot be mirrored at all.
 */
export function readSchema(db: SchemaReader): SourceSchema {
  const findings: Finding[] = []
  const tables: SourceTable[] = []
  const all = listTables(db)
  const fullText = all.filter(isFullText).map(({ name }) => foldName(name))
  for (const listed of all) {
    if (isOwn(listed.name)) continue
    const notMirrored = findingFor(listed)
    if (notMirrored !== null) findings.push(notMirrored)
    else if (listed.type === 'table') tables.push(readTable(db, listed, fullText, findings))
  }
  return { tables, findings }
}

interface ListedTable {
  readonly schema: string
  readonly name: string
  readonly type: string
  readonly withoutRowid: boolean
  readonly strict: boolean
  readonly sql: string
}

function listTables(db: SchemaReader): ListedTable[] {
  const rows = db.all(`
    SELECT listed.schema, listed.name, listed.type, listed.wr, listed.strict, stored.sql
    FROM pragma_table_list AS listed
    LEFT JOIN main.sqlite_schema AS stored
      ON listed.schema = 'main' AND stored.name = listed.name AND stored.type IN ('table', 'view')
    WHERE listed.schema IN ('main', 'temp')
    ORDER BY listed.schema, stored.rowid, listed.name`)
  return rows.map((row) => ({
    schema: textOf(row, 'schema'),
    name: textOf(row, 'name'),
    type: textOf(row, 'type'),
    withoutRowid: numberOf(row, 'wr') !== 0,
    strict: numberOf(row, 'strict') !== 0,
    sql: textOrNull(row, 'sql') ?? '',
  }))
}

/** SQLite keeps names that begin with `sqlite_` to itself; `_lockstep_` is Lockstep's. */
function isOwn(name: string): boolean {
  const folded = foldName(name)
  return folded.startsWith('sqlite_') || folded.startsWith('_lockstep_')
}

/** Null for an ordinary table, and for the shadow tables that a virtual table keeps its data in. */
function findingFor({ schema, name, type }: ListedTable): Finding | null {
  const table = { table: name }
  if (schema === 'temp') {
    return decision('TEMP_TABLE', table, 'temporary tables and views are not mirrored')
  }
  if (type === 'virtual') {
    return decision(
      'VIRTUAL_TABLE',
      table,
      'a virtual table is not mirrored, nor are its own tables',
    )
  }
  return null
}

/** Whether its triggers can be carried is only known once its columns have types. */
function readTable(
  db: SchemaReader,
  listed: ListedTable,
  fullText: readonly string[],
  findings: Finding[],
): SourceTable {
  const { name, withoutRowid } = listed
  const text = readTableText(listed.sql)
  const columns = readColumns(db, name, { strict: listed.strict, text })
  const indexes = readIndexes(db, name, findings)
  const key = readKey(db, name, { withoutRowid, columns, indexes })
  const triggers = readTriggers(db, name, fullText)
  findings.push(...textFindings(name, text))
  return {
    name,
    columns,
    key,
    indexes,
    foreignKeys: readForeignKeys(db, name, text),
    triggers,
    withoutRowid,
    ...(listed.strict && { strict: true }),
    autoincrement: text?.autoincrement ?? /\bautoincrement\b/i.test(listed.sql),
    ...(text !== null && {
      checks: text.checks,
      checkNames: text.checkNames,
      conflictClauses: text.conflictClauses > 0,
    }),
  }
}

/** In the order in which they were made, which is the reverse of that in which SQLite runs them. */
function readTriggers(db: SchemaReader, table: string, fullText: readonly string[]): Trigger[] {
  const rows = db.all(
    `SELECT name, sql FROM main.sqlite_schema
     WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY rowid`,
    table,
  )
  return rows
    .map((row) => ({ name: textOf(row, 'name'), sql: textOf(row, 'sql') }))
    .filter((trigger) => !isOwn(trigger.name))
    .map((trigger) => {
      const text = foldName(trigger.sql)
      const named = fullText.filter((name) => text.includes(name))
      return named.length === 0 ? trigger : { ...trigger, fullText: named }
    })
}

/** https://www.sqlite.org/fts5.html */
function isFullText({ type, sql }: ListedTable): boolean {
  return type === 'virtual' && /\busing\s+["'`[]?fts[345]\b/i.test(sql)
}

function textFindings(table: string, text: TableText | null): Finding[] {
  if (text === null) {
    const message =
      'its CREATE TABLE is not understood: CHECK, COLLATE and DEFERRABLE are not carried'
    return [decision('TABLE_TEXT_NOT_UNDERSTOOD', { table }, message)]
  }
  const findings: Finding[] = []
  if (text.checks.length > 0) {
    const message = `PostgreSQL itself gets no CHECK constraints, the statements that Lockstep translates keep them: ${text.checks.length}`
    findings.push(decision('CHECK_NOT_CARRIED', { table }, message))
  }
  if (text.conflictClauses > 0) {
    const message = `ON CONFLICT clauses of constraints have no form on PostgreSQL: ${text.conflictClauses}`
    findings.push(warning('CONFLICT_CLAUSE', { table }, message))
  }
  for (const [column, collation] of text.collations) {
    findings.push(collationFinding(table, column, collation))
  }
  return findings
}

function collationFinding(table: string, column: string, collation: string): Finding {
  if (collation === 'NOCASE' || collation === 'RTRIM') {
    const message = `COLLATE ${collation} is carried by indexes and translated statements, not by the column`
    return info('COLLATION', { table, column }, message)
  }
  const message = `the collation ${collation} is the application's own and is not carried`
  return decision('COLLATION_NOT_CARRIED', { table, column }, message)
}

import type { DdlStatement } from './ddl.ts'
import type { Table } from './model.ts'
import { foreignKeysInOrder } from './postgres-foreign-keys.ts'
import { foreignKeyName } from './postgres-names.ts'
import { foldName, quoteIdentifier as quote, quoteQualified } from './quote.ts'

/** What has to leave before the tables change, and what comes or is checked after. */
export interface ForeignKeyChange {
  readonly first: readonly DdlStatement[]
  readonly last: readonly DdlStatement[]
}

/**
 * The foreign keys of PostgreSQL as the primary follow a change. One whose clause is another now is made
 * anew; one to a table that goes leaves with it and comes back when a table of that name does.
 */
export function planForeignKeys(
  before: readonly Table[],
  after: readonly Table[],
  schema: string,
): ForeignKeyChange {
  const had = statementsByName(before, schema)
  const has = statementsByName(after, schema)
  const names = new Map(before.map(({ id, name }) => [id, name]))
  const first: DdlStatement[] = []
  const last: DdlStatement[] = []
  for (const [key, { statement, table }] of had) {
    if (has.get(key)?.statement.sql === statement.sql) continue
    const target = quoteQualified(schema, names.get(table.id) ?? table.name)
    const name = quote(statement.object)
    const sql = `ALTER TABLE ${target} DROP CONSTRAINT IF EXISTS ${name}`
    first.push({ ...statement, sql })
  }
  for (const [key, { statement, table }] of has) {
    if (had.get(key)?.statement.sql === statement.sql) continue
    const target = quoteQualified(schema, table.name)
    const sql = `ALTER TABLE ${target} VALIDATE CONSTRAINT ${quote(statement.object)}`
    // A row that broke the key before is no reason to do without it from now on.
    last.push(statement, { ...statement, sql, mayFail: true })
  }
  return { first, last }
}

/**
 * The rows that DROP TABLE deletes first where SQLite enforces foreign keys, so that they take others with
 * them, or are held by them. No trigger of the table fires. https://www.sqlite.org/foreignkeys.html#fk_schemacommands
 */
export function deleteBeforeDrop(
  before: readonly Table[],
  after: readonly Table[],
  schema: string,
): DdlStatement[] {
  const there = new Set(after.map(({ id }) => id))
  const parents = new Set(
    before.flatMap(({ foreignKeys }) => foreignKeys.map(({ parent }) => foldName(parent))),
  )
  return before
    .filter(({ id, name }) => !there.has(id) && parents.has(foldName(name)))
    .flatMap(({ name }) => {
      const target = quoteQualified(schema, name)
      return [`ALTER TABLE ${target} DISABLE TRIGGER USER`, `DELETE FROM ${target}`].map((sql) => ({
        sql,
        table: name,
        object: name,
        mayFail: false,
      }))
    })
}

function statementsByName(
  tables: readonly Table[],
  schema: string,
): Map<string, { statement: DdlStatement; table: Table }> {
  const known = new Map(
    tables.flatMap((table) => table.foreignKeys.map((_, at) => [foreignKeyName(table, at), table])),
  )
  return new Map(
    foreignKeysInOrder(tables, { tables }, schema).flatMap((statement) => {
      const table = known.get(statement.object)
      return table === undefined ? [] : [[statement.object, { statement, table }]]
    }),
  )
}

import type { Database } from 'better-sqlite3'
import { isLockstepError, messageOf } from '../core/errors.ts'
import { schemaReader } from '../move/install.ts'
import { uncarriedForeignKeys } from '../move/uncarried.ts'
import { mapSchema } from '../schema/map.ts'
import { numberTables } from '../schema/mapped.ts'
import { createIndexes, uniqueIndexes } from '../schema/postgres-indexes.ts'
import { assertNames } from '../schema/postgres-names.ts'
import { foldName, quoteIdentifier as quote } from '../schema/quote.ts'
import { readSchema } from '../schema/read.ts'
import type { SourceTable } from '../schema/source.ts'

/** A table that the demo goes on without. */
export interface LeftOut {
  readonly table: string
  readonly reason: string
}

/**
 * Takes the tables out of the copy that Lockstep cannot carry, or not without somebody who decides, and
 * those that refer to them: a row of theirs could not be written any more. Views of them go as well.
 */
export function leaveOut(db: Database): LeftOut[] {
  const left: LeftOut[] = []
  db.pragma('foreign_keys = OFF')
  try {
    for (let next = findProblem(db, left); next !== null; next = findProblem(db, left)) {
      db.exec(`DROP TABLE ${quote(next.table)}`)
      left.push(next)
    }
    if (left.length > 0) dropBrokenViews(db)
  } finally {
    db.pragma('foreign_keys = ON')
  }
  return left
}

/** One at a time: the schema can be read only once what it stumbles over is gone. */
function findProblem(db: Database, left: readonly LeftOut[]): LeftOut | null {
  try {
    const { tables } = readSchema(schemaReader(db))
    for (const table of tables) {
      const reason = unlikeProblem(db, table) ?? problemOf(table, left)
      if (reason !== null) return { table: table.name, reason }
    }
    return foreignKeyProblem(db, tables)
  } catch (error) {
    return asLeftOut(error)
  }
}

/** What has no form on PostgreSQL, where writes would not be what they are on SQLite. */
function unlikeProblem(db: Database, source: SourceTable): string | null {
  const needsForm =
    source.columns.some(({ generated }) => generated) ||
    source.indexes.some(
      ({ unique, where, parts }) =>
        unique && (where !== null || parts.some(({ expression }) => expression !== null)),
    )
  if (!needsForm) return null
  const mapped = mapSchema(schemaReader(db), { tables: [source], findings: [] }).tables[0]
  if (mapped === undefined) return null
  const plain = mapped.columns.find(({ generated, computed }) => generated && computed !== true)
  if (plain !== undefined)
    return `column "${plain.name}" is generated, which PostgreSQL does not compute`
  const table = { ...mapped, id: 0 }
  const [finding] = createIndexes({ ...table, indexes: uniqueIndexes(table) }, '').findings
  return finding?.message ?? null
}

function foreignKeyProblem(db: Database, sources: readonly SourceTable[]): LeftOut | null {
  if (sources.every(({ foreignKeys }) => foreignKeys.length === 0)) return null
  const mapped = mapSchema(schemaReader(db), { tables: sources, findings: [] }).tables
  const { tables } = numberTables(mapped)
  const [missing] = uncarriedForeignKeys({ tables, schema: '', foreignKeys: true })
  return missing === undefined ? null : { table: missing.table, reason: missing.reason() }
}

function problemOf(table: SourceTable, left: readonly LeftOut[]): string | null {
  // Writes of such a table are refused while PostgreSQL is the primary (src/sql/translate/target.ts).
  if (table.conflictClauses === undefined)
    return 'its CREATE TABLE is not understood, so its constraints are not known'
  if (table.conflictClauses)
    return 'a constraint has an ON CONFLICT clause, which PostgreSQL does not keep'
  const parent = table.foreignKeys.find((key) =>
    left.some((one) => foldName(one.table) === foldName(key.parent)),
  )
  if (parent !== undefined) return `it refers to "${parent.parent}", which is left out`
  try {
    assertNames(table)
    return null
  } catch (error) {
    return asLeftOut(error).reason
  }
}

function asLeftOut(error: unknown): LeftOut {
  if (!isLockstepError(error, 'SCHEMA_UNSUPPORTED')) throw error
  const { table } = error.details
  if (typeof table !== 'string') throw error
  return { table, reason: messageOf(error).replace(/\.( Rename .*)?$/s, '') }
}

/** SQLite renames nothing beside a view that it cannot read. */
function dropBrokenViews(db: Database): void {
  const views = db
    .prepare<unknown[], string>(`SELECT name FROM sqlite_schema WHERE type = 'view'`)
    .pluck()
    .all()
  for (const view of views) {
    try {
      db.prepare(`SELECT * FROM ${quote(view)}`)
    } catch {
      db.exec(`DROP VIEW ${quote(view)}`)
    }
  }
}

import type { Database } from 'better-sqlite3'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Value } from '../values/value.ts'
import { findClone, type CloneShape } from './clone-shapes.ts'
import type { FileColumn, FileTable } from './file-tables.ts'
import type { Random } from './random.ts'
import { findUpdates, type UpdateShape } from './update-shapes.ts'

/** The statements that were tried on a table and work there. */
export interface FileShapes {
  readonly table: FileTable
  readonly updates: readonly UpdateShape[]
  /** Null where no clone of a row is accepted, or none can be deleted again. */
  readonly clone: CloneShape | null
  /** Keys of rows that were there before the traffic. */
  readonly keys: readonly (readonly Value[])[]
  /** Some rows are too large for the traffic, which reads no pages then. */
  readonly hasLargeRows: boolean
}

const maxModels = 40
const maxKeys = 4_000
/** Values beyond this are mirrored and compared, but the traffic leaves their rows alone. */
const maxValueBytes = 100_000
const maxTestedColumns = 100

/**
 * Tries each shape on a scratch copy. A constraint that would refuse a random clone, with or without
 * Lockstep, is found here and not by the traffic. Both connections give integers as bigint.
 *
 * @param db the file as it is: what a trial's triggers leave in the scratch copy is not there
 */
export function findShapes(
  db: Database,
  scratch: Database,
  table: FileTable,
  random: Random,
): FileShapes {
  const keys = readKeys(db, table)
  const models = readModels(db, table)
  const candidates = models.length > 0 ? models : [invented(table)]
  const isOurs = !table.changedByTriggers
  return {
    table,
    updates: isOurs ? findUpdates(scratch, table, keys, random) : [],
    clone: isOurs ? findClone(scratch, table, candidates, random) : null,
    keys,
    hasLargeRows:
      db.prepare(`SELECT 1 FROM ${quote(table.name)} WHERE NOT (${isSmall(table)})`).get() !==
      undefined,
  }
}

function readModels(db: Database, table: FileTable): Map<string, Value>[] {
  const names = table.columns.map(({ name }) => name)
  if (names.length === 0) return []
  return db
    .prepare<unknown[], Value[]>(
      `SELECT ${names.map(quote).join(', ')} FROM ${quote(table.name)} WHERE ${isSmall(table)}
        ORDER BY random() LIMIT ${maxModels}`,
    )
    .raw()
    .all()
    .map((row) => new Map(names.map((name, at) => [name, row[at] ?? null])))
}

function readKeys(db: Database, table: FileTable): Value[][] {
  return db
    .prepare<unknown[], Value[]>(
      `SELECT ${table.key.map(quote).join(', ')} FROM ${quote(table.name)}
        WHERE ${isSmall(table)} LIMIT ${maxKeys}`,
    )
    .raw()
    .all()
    .filter((key) => key.every((value) => value !== null))
}

function isSmall({ columns }: FileTable): string {
  const tests = columns
    .filter(({ affinity }) => affinity === 'text' || affinity === 'blob')
    .slice(0, maxTestedColumns)
    .map(({ name }) => `coalesce(length(${quote(name)}), 0) < ${maxValueBytes}`)
  return ['1', ...tests].join(' AND ')
}

/** A first row for an empty table. */
function invented({ columns, parents }: FileTable): Map<string, Value> {
  const isChild = (name: string): boolean => parents.some((parent) => parent.columns.includes(name))
  return new Map(
    columns.map((column) => [column.name, isChild(column.name) ? null : first(column)]),
  )
}

function first({ postgresType }: FileColumn): Value {
  if (postgresType === 'bigint') return 1n
  if (postgresType === 'bytea') return Buffer.from([0, 1, 2])
  return postgresType === 'text' ? 'first' : 1.5
}

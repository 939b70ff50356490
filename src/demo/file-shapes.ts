import type { Database } from 'better-sqlite3'
import { canonical } from './canonical.ts'
import { quote } from './direct.ts'
import { keyCondition, type FileTable } from './file-tables.ts'
import { createFreshValues, type FreshValues } from './fresh-values.ts'
import type { Random } from './random.ts'
import type { Value } from '../values/value.ts'

/** The statements that were tried on a table and work there. */
export interface FileShapes {
  readonly table: FileTable
  readonly updates: readonly UpdateShape[]
  /** Null where no clone of a row is accepted, or none can be deleted again. */
  readonly clone: CloneShape | null
  /** Keys of rows that were there before the traffic. */
  readonly keys: readonly (readonly Value[])[]
}

export interface UpdateShape {
  readonly column: string
  readonly sql: string
  /** A value for the column that its constraints accept. */
  value(random: Random): Value
}

export interface CloneShape {
  readonly sql: string
  /** The columns of the statement, in its order. */
  readonly columns: readonly string[]
  readonly models: readonly ReadonlyMap<string, Value>[]
  readonly fresh: FreshValues
}

const maxModels = 40
const maxKeys = 4_000
const maxUpdates = 3
const triedRows = 10

/**
 * Tries each shape on a scratch copy, whose connection gives integers as bigint. A constraint that would
 * refuse a random clone, with or without Lockstep, is found here and not by the traffic.
 */
export function findShapes(scratch: Database, table: FileTable, random: Random): FileShapes {
  const names = table.columns.map(({ name }) => name)
  const rows = sample(scratch, table, names)
  return {
    table,
    updates: findUpdates(scratch, table, random),
    clone: findClone(scratch, table, names, rows, random),
    keys: readKeys(scratch, table),
  }
}

function sample(db: Database, table: FileTable, names: readonly string[]): Map<string, Value>[] {
  if (names.length === 0) return []
  return db
    .prepare<unknown[], Value[]>(
      `SELECT ${names.map(quote).join(', ')} FROM ${quote(table.name)} ORDER BY random() LIMIT ${maxModels}`,
    )
    .raw()
    .all()
    .map((row) => new Map(names.map((name, at) => [name, row[at] ?? null])))
}

function keyColumns(table: FileTable): string {
  return table.key.map((name) => quote(name)).join(', ')
}

function readKeys(db: Database, table: FileTable): Value[][] {
  return db
    .prepare<unknown[], Value[]>(
      `SELECT ${keyColumns(table)} FROM ${quote(table.name)} LIMIT ${maxKeys}`,
    )
    .raw()
    .all()
    .filter((key) => key.every((value) => value !== null))
}

function findUpdates(db: Database, table: FileTable, random: Random): UpdateShape[] {
  const taboo = new Set([
    ...table.key,
    ...table.uniqueSets.flat(),
    ...table.parents.flatMap(({ columns }) => columns),
  ])
  const found: UpdateShape[] = []
  for (const { name } of table.columns) {
    if (found.length === maxUpdates) break
    if (taboo.has(name)) continue
    const shape = [markedText(db, table, name), pooled(db, table, name)].find(
      (candidate) => candidate !== null && updateWorks(db, table, candidate, random),
    )
    if (shape !== undefined && shape !== null) found.push(shape)
  }
  return found
}

function updateSql(table: FileTable, column: string): string {
  return `UPDATE ${quote(table.name)} SET ${quote(column)} = ? WHERE ${keyCondition(table)}`
}

/** Text that says which write it is from, where the column holds text and nothing but text. */
function markedText(db: Database, table: FileTable, column: string): UpdateShape | null {
  const type = table.columns.find(({ name }) => name === column)?.declaredType.toUpperCase() ?? ''
  const values = distinctValues(db, table, column)
  const isText = /CHAR|CLOB|TEXT/.test(type) && !type.includes('INT')
  if (!isText || values.length === 0) return null
  const looksStructured = values.some(
    (value) => typeof value !== 'string' || /^[[{]|^\d/.test(value),
  )
  if (looksStructured) return null
  const words = values.map((value) => String(value).split(' ✎')[0])
  return {
    column,
    sql: updateSql(table, column),
    value: (random) => `${random.pick(words)} ✎${random.integer(1, 1_000_000_000)}`,
  }
}

/** A value that another row of the same column has: right in class, form and range. */
function pooled(db: Database, table: FileTable, column: string): UpdateShape | null {
  const values = distinctValues(db, table, column)
  if (values.length < 2) return null
  return { column, sql: updateSql(table, column), value: (random) => random.pick(values) }
}

function distinctValues(db: Database, table: FileTable, column: string): Value[] {
  const name = quote(column)
  return db
    .prepare<unknown[], Value[]>(
      `SELECT DISTINCT ${name} FROM (SELECT ${name} FROM ${quote(table.name)} LIMIT 5000)
        WHERE ${name} IS NOT NULL AND length(${name}) < 2000 LIMIT 300`,
    )
    .raw()
    .all()
    .map(([value]) => value ?? null)
}

function updateWorks(db: Database, table: FileTable, shape: UpdateShape, random: Random): boolean {
  const keys = readKeys(db, table).slice(0, triedRows)
  return attempt(db, () =>
    keys.every((key) => {
      const value = shape.value(random)
      const { changes } = db.prepare(shape.sql).run(value, ...key)
      const read = `SELECT ${quote(shape.column)} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
      const after = db
        .prepare<unknown[], Value[]>(read)
        .raw()
        .get(...key)?.[0]
      return changes === 1 && canonical(after ?? null) === canonical(value)
    }),
  )
}

function findClone(
  db: Database,
  table: FileTable,
  names: readonly string[],
  rows: readonly Map<string, Value>[],
  random: Random,
): CloneShape | null {
  const columns = table.generatedKey ? names.filter((name) => !table.key.includes(name)) : names
  if (columns.length === 0) return null
  const marks = columns.map(() => '?').join(', ')
  const sql =
    `INSERT INTO ${quote(table.name)} (${columns.map(quote).join(', ')}) VALUES (${marks})` +
    ` RETURNING ${keyColumns(table)}`
  const fresh = createFreshValues(db, table)
  const models = rows.filter((model) =>
    cloneWorks(db, table, { sql, columns, fresh }, model, random),
  )
  return models.length === 0 ? null : { sql, columns, models, fresh }
}

/** In, as it was meant, and out again. */
function cloneWorks(
  db: Database,
  table: FileTable,
  { sql, columns, fresh }: Omit<CloneShape, 'models'>,
  model: ReadonlyMap<string, Value>,
  random: Random,
): boolean {
  const cells = fresh.draw(model, random)
  if (cells === null) return false
  const row = new Map([...model, ...cells])
  const works = attempt(db, () => {
    const key = db
      .prepare<unknown[], Value[]>(sql)
      .raw()
      .get(...columns.map((name) => row.get(name) ?? null))
    if (key === undefined) return false
    const read = `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
    const after =
      db
        .prepare<unknown[], Value[]>(read)
        .raw()
        .get(...key) ?? []
    const same = columns.every(
      (name, at) => canonical(after[at] ?? null) === canonical(row.get(name) ?? null),
    )
    const remove = `DELETE FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
    return same && db.prepare(remove).run(...key).changes === 1
  })
  fresh.release(row)
  return works
}

/** Kept where it works: a deferred constraint speaks at the commit only. */
function attempt(db: Database, work: () => boolean): boolean {
  try {
    return db.transaction(work)()
  } catch {
    if (db.inTransaction) db.exec('ROLLBACK')
    return false
  }
}

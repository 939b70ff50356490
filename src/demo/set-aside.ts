import { isUtf8 } from 'node:buffer'
import type { Database } from 'better-sqlite3'
import { schemaReader } from '../move/install.ts'
import { mapSchema } from '../schema/map.ts'
import type { MappedTable } from '../schema/mapped.ts'
import type { Column } from '../schema/model.ts'
import { suggestOverrides, type TypeOverrides } from '../schema/overrides.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { readSchema } from '../schema/read.ts'
import { codecFor, Unencodable } from '../values/codec.ts'
import { isNumericAffinity } from '../values/affinity.ts'
import type { Value } from '../values/value.ts'

/** How the tables of the copy map to PostgreSQL, and what had to leave for it. */
export interface Fitted {
  readonly tables: readonly MappedTable[]
  /** For the option `columns` of `createLockstep`. */
  readonly columns: TypeOverrides
  readonly aside: readonly SetAside[]
}

/** Rows that were taken out of the copy. */
export interface SetAside {
  readonly table: string
  readonly rows: number
  readonly reason: string
}

/**
 * Accepts the types that Lockstep suggests for mixed columns, and takes out of the copy the rows that no
 * type carries: with a database of one's own they are a decision to take, and a demo has nobody to take it.
 */
export function fitToPostgres(db: Database): Fitted {
  const reader = schemaReader(db)
  const source = readSchema(reader)
  const chosen = mapSchema(reader, source)
  const columns = Object.fromEntries(
    Object.entries(suggestOverrides(chosen)).filter(
      ([path, type]) => type !== 'text' || !isNumber(chosen.tables, path),
    ),
  )
  const { tables } = mapSchema(reader, source, { overrides: columns })
  const before = new Set(orphans(db))
  const isUtf16 = String(db.pragma('encoding', { simple: true })) !== 'UTF-8'
  db.pragma('foreign_keys = OFF')
  try {
    const taken = tables.flatMap((table) => takeMisfits(db, table, isUtf16))
    const aside = taken.length === 0 ? taken : [...taken, ...removeNewOrphans(db, before)]
    return { tables, columns, aside }
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

/** A number that is kept as text would reach the application as text when PostgreSQL serves the read. */
function isNumber(tables: readonly MappedTable[], path: string): boolean {
  return tables.some(({ name, columns }) =>
    columns.some(
      (column) => `${name}.${column.name}` === path && isNumericAffinity(column.affinity),
    ),
  )
}

function takeMisfits(db: Database, table: MappedTable, isUtf16: boolean): SetAside[] {
  return table.columns.flatMap((column) => {
    // A generated column follows from the others.
    if (column.generated) return []
    const name = quote(column.name)
    db.function('lockstep_demo_fits', { safeIntegers: true }, (value: unknown, bytes: unknown) =>
      fits(column, value as Value, bytes as Buffer | null) ? 1n : 0n,
    )
    // SQLite keeps UTF-16 as code units, of which better-sqlite3 makes the very text.
    const bytes = isUtf16 ? 'NULL' : `iif(typeof(${name}) = 'text', CAST(${name} AS BLOB), NULL)`
    const take = (condition: string, reason: string): SetAside[] => {
      const { changes } = db.prepare(`DELETE FROM ${quote(table.name)} WHERE ${condition}`).run()
      return changes === 0 ? [] : [{ table: table.name, rows: changes, reason }]
    }
    return [
      ...take(
        `NOT lockstep_demo_fits(${name}, ${bytes})`,
        `"${column.name}" holds what ${column.postgresType} cannot`,
      ),
      // SQLite allows NULL in most primary keys, PostgreSQL in none.
      ...(table.key.columns.includes(column.name)
        ? take(`${name} IS NULL`, `"${column.name}" is NULL in the key`)
        : []),
    ]
  })
}

function fits(column: Column, value: Value, bytes: Buffer | null): boolean {
  if (value === null) return true
  if (bytes !== null && !isUtf8(bytes)) return false
  if (column.postgresType === 'text' && typeof value !== 'string') return false
  return !(codecFor(column).encode(value) instanceof Unencodable)
}

interface Orphan {
  table: string
  rowid: number | null
}

function orphans(db: Database): string[] {
  return findOrphans(db).map(({ table, rowid }) => `${rowid} ${table}`)
}

/** A foreign key to a parent without a fitting key is an error of the schema that SQLite tolerates. */
function findOrphans(db: Database): Orphan[] {
  try {
    return db.pragma('foreign_key_check') as Orphan[]
  } catch {
    return []
  }
}

/** Children of rows that were taken out follow them, and their children in turn. */
function removeNewOrphans(db: Database, before: ReadonlySet<string>): SetAside[] {
  const removed = new Map<string, number>()
  for (;;) {
    const fresh = findOrphans(db).filter(
      ({ table, rowid }) => rowid !== null && !before.has(`${rowid} ${table}`),
    )
    if (fresh.length === 0) break
    for (const { table, rowid } of fresh) {
      const { changes } = db.prepare(`DELETE FROM ${quote(table)} WHERE rowid = ?`).run(rowid)
      removed.set(table, (removed.get(table) ?? 0) + changes)
    }
  }
  return [...removed].map(([table, rows]) => ({ table, rows, reason: 'its parent was set aside' }))
}

import { isUtf8 } from 'node:buffer'
import type { Database } from 'better-sqlite3'
import { quote } from './direct.ts'
import type { FileTable } from './file-tables.ts'

/** Rows that were taken out of the copy, by table. */
export type SetAside = { table: string; rows: number; reason: string }[]

type Group = 'number' | 'text' | 'blob'

/**
 * Takes out of the copy what a typed column of PostgreSQL cannot hold: another class of value than the
 * column is for, text with a NUL character or with bytes that are not UTF-8. With a database of one's own
 * these rows are a decision to take; a demo has nobody to take it.
 */
export function setMisfitsAside(db: Database, tables: readonly FileTable[]): SetAside {
  db.function('lockstep_demo_utf8', { deterministic: true }, (bytes: unknown) =>
    Buffer.isBuffer(bytes) && isUtf8(bytes) && !bytes.includes(0) ? 1 : 0,
  )
  const before = new Set(orphans(db))
  db.pragma('foreign_keys = OFF')
  try {
    const taken = tables.flatMap((table) =>
      table.columns.flatMap(({ name, declaredType }) => {
        const where = misfit(db, table, name, declaredType)
        const { changes } = db.prepare(`DELETE FROM ${quote(table.name)} WHERE ${where}`).run()
        return changes === 0
          ? []
          : [{ table: table.name, rows: changes, reason: `"${name}" holds what its type cannot` }]
      }),
    )
    return taken.length === 0 ? taken : [...taken, ...removeNewOrphans(db, before)]
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

function misfit(db: Database, table: FileTable, column: string, declaredType: string): string {
  const name = quote(column)
  const group = groupOf(declaredType) ?? majority(db, table.name, name)
  const classes = {
    number: `'integer', 'real', 'null'`,
    // A column of NUMERIC affinity makes the number of a text again when it comes back.
    text: declaredType === '' ? `'text', 'null'` : `'text', 'integer', 'real', 'null'`,
    blob: `'blob', 'null'`,
  }[group]
  const broken = `(typeof(${name}) = 'text' AND NOT lockstep_demo_utf8(CAST(${name} AS BLOB)))`
  // SQLite allows NULL in most primary keys, PostgreSQL in none.
  const nameless = table.key.includes(column) ? ` OR ${name} IS NULL` : ''
  return `typeof(${name}) NOT IN (${classes}) OR ${broken}${nameless}`
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity; null where the data decides. */
function groupOf(declaredType: string): Group | null {
  const type = declaredType.toUpperCase()
  if (type.includes('INT')) return 'number'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB|BOOL/.test(type) ? 'number' : null
}

function majority(db: Database, table: string, column: string): Group {
  const rows = db
    .prepare<unknown[], { name: Group; rows: number }>(
      `SELECT CASE typeof(${column}) WHEN 'text' THEN 'text' WHEN 'blob' THEN 'blob' ELSE 'number' END AS name,
              count(*) AS rows
         FROM ${quote(table)} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 1`,
    )
    .all()
  return rows[0]?.name ?? 'text'
}

interface Orphan {
  table: string
  rowid: number | null
}

function orphans(db: Database): string[] {
  return (db.pragma('foreign_key_check') as Orphan[]).map(({ table, rowid }) => `${rowid} ${table}`)
}

/** Children of rows that were taken out follow them, and their children in turn. */
function removeNewOrphans(db: Database, before: ReadonlySet<string>): SetAside {
  const removed = new Map<string, number>()
  for (;;) {
    const found = db.pragma('foreign_key_check') as Orphan[]
    const fresh = found.filter(
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

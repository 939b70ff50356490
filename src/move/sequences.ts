import type { Queryer } from '../postgres/control.ts'
import { shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import type { Connection } from '../sqlite/connection.ts'

/**
 * Sets every identity sequence past the highest key that was ever given: the highest in the table on both places, and
 * for AUTOINCREMENT the highest that SQLite remembers, so that no key of a deleted row comes back. An empty
 * table begins at 1; where all keys are negative, SQLite goes on below 0.
 * @param onSqlite see `readHighestKeys`
 * https://www.sqlite.org/autoinc.html
 */
export async function setSequences(
  db: Queryer,
  onSqlite: ReadonlyMap<string, bigint>,
  tables: readonly Table[],
  schema: string,
): Promise<void> {
  const statements = identityTables(tables).map((table) => {
    const name = `${quote(schema)}.${quote(table.name)}`
    const column = table.key.columns[0] as string
    const lowest = table.autoincrement ? '1' : 'seqmin'
    const highest = onSqlite.get(table.name)
    const there = highest === undefined ? 'NULL::bigint' : `'${highest}'::bigint`
    return /* sql */ `SELECT setval(seqrelid::regclass, coalesce(highest, 1), highest IS NOT NULL)
      FROM pg_sequence, LATERAL (
        SELECT greatest(max(${quote(column)}), CASE WHEN ${there} >= ${lowest} THEN ${there} END) AS highest
          FROM ${name} WHERE ${quote(column)} >= ${lowest}) AS given
     WHERE seqrelid = pg_get_serial_sequence(${quoteLiteral(name)}, ${quoteLiteral(column)})::regclass`
  })
  if (statements.length > 0) await db.query(statements.join(' UNION ALL '))
}

/** The highest key that each identity sequence of PostgreSQL has given, by table. */
export async function readPostgresSequences(
  db: Queryer,
  tables: readonly Table[],
  schema: string,
): Promise<Map<string, bigint>> {
  const values = new Map<string, bigint>()
  for (const table of tables.filter(({ autoincrement }) => autoincrement)) {
    const { rows } = await db.query<{ last: string | null }>(
      `SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)::text AS last`,
      [`${quote(schema)}.${quote(table.name)}`, table.key.columns[0]],
    )
    if (rows[0]?.last != null) values.set(table.name, BigInt(rows[0].last))
  }
  return values
}

/** The reverse of `setSequences`; the caller holds the write lock. */
export function setSqliteSequences(db: Connection, values: ReadonlyMap<string, bigint>): void {
  for (const [table, value] of values) {
    const { changes } = db
      .prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
      .run(value, table)
    if (changes === 0)
      db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, value)
  }
}

function identityTables(tables: readonly Table[]): readonly Table[] {
  return tables.filter((table) => table.key.kind !== 'declared' && shippedColumns(table).length > 0)
}

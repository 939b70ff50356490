import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { QuarantinedRow } from '../place/place.ts'

/** With the name of the table well below the 2,704 bytes that an entry of quarantine's own index has. */
const longestKey = 2000
const shownOfKey = 1000

/** The text by which quarantine knows a key: a very long one by its beginning, its length and its hash. */
export function quarantineKey(keyText: string): string {
  if (Buffer.byteLength(keyText) <= longestKey) return keyText
  const hash = createHash('sha256').update(keyText).digest('hex')
  const beginning = Buffer.from(keyText.slice(0, shownOfKey)).toString()
  return `${beginning}… (${keyText.length.toLocaleString('en')} characters, SHA-256 ${hash})`
}

/** The rows that PostgreSQL cannot hold, those that came first first. */
export async function readPostgresQuarantine(
  db: Pick<pg.Pool, 'query'>,
  limit: number,
): Promise<QuarantinedRow[]> {
  const { rows } = await db.query<Omit<QuarantinedRow, 'atMs'> & { atMs: string }>(
    /* sql */ `
    SELECT tbl AS "table", key, col AS "column", reason,
           floor(extract(epoch FROM at) * 1000)::bigint::text AS "atMs"
      FROM lockstep.quarantine ORDER BY at, tbl, key LIMIT $1`,
    [limit],
  )
  return rows.map((row) => ({ ...row, atMs: Number(row.atMs) }))
}

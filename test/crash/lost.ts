import { isDeepStrictEqual } from 'node:util'
import Database from 'better-sqlite3'
import { open, type Pair } from './pair.ts'
import { queryPostgres } from './query.ts'

/** The same pair for a process that cannot reach its server. */
export function withoutPostgres(pair: Pair): Pair {
  const url = new URL(pair.postgres)
  // Nobody listens there.
  url.port = '1'
  return { ...pair, postgres: url.href }
}

/** Writes of PostgreSQL, the primary, that nobody ships: another program's, while no applier runs. */
export async function writeUnshipped(pair: Pair): Promise<void> {
  await queryPostgres(
    pair.postgres,
    `INSERT INTO loose (word, n) VALUES ('lost', 404);
     UPDATE accounts SET n = 500 WHERE id = 3;
     DELETE FROM accounts WHERE id = 4`,
  )
}

/** The server goes with those writes, and SQLite becomes the primary without them. */
export async function lose(pair: Pair): Promise<void> {
  await writeUnshipped(pair)
  const db = await open(withoutPostgres(pair))
  await db.rollback({ acceptLoss: true })
  await db.close()
}

const kept = [
  { tbl: 'accounts', key: '{3}', n: '500' },
  { tbl: 'accounts', key: '{4}', n: null },
  { tbl: 'entries', key: '{4}', n: null },
  { tbl: 'loose', key: '{13}', n: '404' },
]

/** The writes that did not come over are kept, each once, and the log has both what was done and when. */
export async function forgotten(pair: Pair): Promise<string[]> {
  const rows = await queryPostgres(
    pair.postgres,
    `SELECT tbl, key::text AS key, row_data ->> 'n' AS n FROM lockstep.lost ORDER BY 1, 2`,
  )
  const wrong = isDeepStrictEqual(rows, kept) ? [] : [`of what was lost: ${JSON.stringify(rows)}`]
  const actions = inAudit(pair)
  if (isDeepStrictEqual(actions, ['accept-loss', 'reconcile'])) return wrong
  return [...wrong, `the audit log has ${actions.join()}`]
}

function inAudit(pair: Pair): unknown[] {
  const file = new Database(pair.sqlite, { readonly: true })
  try {
    return file
      .prepare(
        `SELECT action FROM _lockstep_audit WHERE action IN ('accept-loss', 'reconcile') ORDER BY id`,
      )
      .pluck()
      .all()
  } finally {
    file.close()
  }
}

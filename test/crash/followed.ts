import Database from 'better-sqlite3'
import type { Lockstep } from '../../src/api.ts'
import type { Pair } from './pair.ts'
import { queryPostgres } from './query.ts'

const waitMs = 10_000
const pollMs = 50

/**
 * What should follow a flip, whoever settled it, and has not in a time that a busy machine needs: an entry
 * for each epoch in the audit log, the flag that names the primary, and foreign keys that hold old rows too.
 */
export async function notFollowed(db: Lockstep, pair: Pair): Promise<string[]> {
  for (const late = performance.now() + waitMs; ;) {
    const missing = await lookOnce(db, pair)
    if (missing.length === 0 || performance.now() > late) return missing
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** The same at this moment. */
export async function lookOnce(db: Lockstep, pair: Pair): Promise<string[]> {
  const { epoch, primary } = await db.status()
  const flag = db.flags().primary
  const notValid = await queryPostgres(
    pair.postgres,
    `SELECT conname AS name FROM pg_constraint WHERE contype = 'f' AND NOT convalidated`,
  )
  return [
    ...wrongEntries(auditedEpochs(pair), epoch),
    ...(flag === primary ? [] : [`the flag says ${flag}, and ${primary} is the primary`]),
    ...notValid.map((row) => `a foreign key was never validated: ${JSON.stringify(row)}`),
  ]
}

function wrongEntries(audited: readonly number[], epoch: number): string[] {
  const expected = Array.from({ length: epoch - 1 }, (_, index) => index + 2)
  if (JSON.stringify(audited) === JSON.stringify(expected)) return []
  return [`the audit log has flips to the epochs ${audited.join()}, not ${expected.join()}`]
}

function auditedEpochs(pair: Pair): number[] {
  const file = new Database(pair.sqlite, { readonly: true })
  try {
    return file
      .prepare(
        `SELECT json_extract(detail, '$.epoch') FROM _lockstep_audit WHERE action = 'flip' ORDER BY 1`,
      )
      .pluck()
      .all() as number[]
  } finally {
    file.close()
  }
}

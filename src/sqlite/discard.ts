import { yieldToEventLoop } from '../core/wait.ts'
import type { Table } from '../schema/model.ts'
import { keyText } from '../values/compare.ts'
import type { Value } from '../values/value.ts'
import type { Connection } from './connection.ts'
import { countQuarantined } from './control.ts'
import { exactKey } from './journal.ts'
import { keptStatement } from './kept-statement.ts'

/** An entry of quarantine, by table and key. */
export type QuarantineKey = readonly [table: string, key: string]

/** What of the journal has come to the secondary. */
export interface Shipped {
  readonly through: bigint
  /** The token of a complete batch. */
  readonly publish: bigint | null
  readonly quarantined: number
  readonly comeOver: readonly QuarantineKey[]
}

export type Discard = (shipped: Shipped) => void

/** Takes it out of the journal, in one transaction over statements that stay prepared. */
export function createDiscard(db: Connection): Discard {
  const remove = db.prepare(
    'DELETE FROM _lockstep_journal WHERE seq <= ? AND seq < (SELECT max(seq) FROM _lockstep_journal)',
  )
  const mark = db.prepare('UPDATE _lockstep_journal SET tbl = 0 WHERE seq <= ? AND tbl <> 0')
  const advance = db.prepare(
    'UPDATE _lockstep_control SET applied_seq = max(applied_seq, ?), applied_at_ms = ?',
  )
  const leave = db.prepare('DELETE FROM _lockstep_quarantine WHERE tbl = ? AND key = ?')
  const transaction = db.transaction<Discard>(({ through, publish, quarantined, comeOver }) => {
    for (const entry of comeOver) leave.run(...entry)
    remove.run(through)
    mark.run(through)
    countQuarantined(db, quarantined)
    if (publish !== null) advance.run(publish, BigInt(Date.now()))
  })
  return (shipped) => transaction.immediate(shipped)
}

const entriesPerTurn = 500

/**
 * What quarantine names and the journal has up to `through`: rows that a flip by force left on PostgreSQL alone, until SQLite as
 * the primary has shipped their keys.
 */
export async function readComeOver(
  db: Connection,
  tables: readonly Table[],
  through: bigint,
): Promise<QuarantineKey[]> {
  // Each batch comes by here, and hardly one has anything to look for.
  if (keptStatement(db, 'SELECT 1 FROM _lockstep_quarantine LIMIT 1').get() === undefined) return []
  const listed = db.prepare('SELECT 1 FROM _lockstep_quarantine WHERE tbl = ? AND key = ?')
  const byId = new Map(tables.map((table) => [BigInt(table.id), table]))
  const entries = db
    .prepare(
      'SELECT * FROM _lockstep_journal WHERE seq > ? AND seq <= ? AND tbl <> 0 ORDER BY seq LIMIT ?',
    )
    .raw()
    .safeIntegers()
  const found: QuarantineKey[] = []
  for (let after = 0n; ; await yieldToEventLoop()) {
    const rows = entries.all(after, through, entriesPerTurn) as [bigint, bigint, ...Value[]][]
    for (const [seq, tbl, ...values] of rows) {
      after = seq
      const table = byId.get(tbl)
      if (table === undefined) continue
      const key = exactKey(db, seq, values.slice(0, table.key.columns.length))
      const entry = [table.name, keyText(key)] as const
      if (listed.get(...entry) !== undefined) found.push(entry)
    }
    if (rows.length < entriesPerTurn) return found
  }
}

import type pg from 'pg'
import type { Batch } from '../place/place.ts'
import { foldName } from '../sql/quote.ts'
import type { Row } from '../values/value.ts'
import type { Effect } from './effect.ts'
import { readRows, rowsOfBatch, type LeftRow, type RowKey } from './left-rows.ts'
import { beginRehearsal, setTheStage } from './rehearsal-setting.ts'
import { judgeWrites, type WriteVerdict } from './rehearsal-verdict.ts'
import { rehearse, RehearsalEnded, type Stage, type Touched } from './rehearse.ts'
import type { RuleSettings } from './rules.ts'
import type { LoggedWrite } from './write-log.ts'

/** The statements behind a batch, and the state that they began with. */
export interface RehearsalSubject {
  readonly transactions: readonly (readonly LoggedWrite[])[]
  /** Of the statements, in their order. */
  readonly effects: readonly Effect[]
  readonly batch: Batch
  /** The position of the batches before this one. */
  readonly position: bigint
  readonly counters: ReadonlyMap<string, bigint>
}

export interface RunSettings extends Stage {
  readonly hasForeignKeys: boolean
  readonly budgetMs: number
  readonly rules: RuleSettings
}

/**
 * Runs the statements of a batch on PostgreSQL before the batch is applied, and compares the rows that they leave with
 * those of the batch. All of it happens in one transaction that is rolled back, on a connection of its own: the batch
 * is applied by another one, so nothing that happens here can be in its way once this has ended.
 * @throws RehearsalEnded where nothing is known: a bound was met, or the state is not the one that the statements began with
 */
export async function runRehearsal(
  client: pg.Client,
  { transactions, effects, batch, position, counters }: RehearsalSubject,
  settings: RunSettings,
): Promise<WriteVerdict[]> {
  const touched = new Set([
    ...effects.flatMap(({ tables }) => [...tables]),
    ...batch.changes.map(({ table }) => foldName(table.name)),
  ])
  try {
    const seen = await beginRehearsal(client, settings)
    if (seen.position !== position) throw new RehearsalEnded('another batch came first')
    if ([...touched].some((name) => seen.quarantined.has(name)))
      throw new RehearsalEnded('rows of its tables are in quarantine')
    await client.query('SAVEPOINT lockstep_rehearsal')
    await setTheStage(client, { ...settings, touched, counters })
    const rehearsed = await rehearse(client, transactions, effects, settings)
    const isThrough = rehearsed.courses.at(-1)?.kind === 'same'
    const left = isThrough ? await readLeft(client, batch, rehearsed.touched, settings) : []
    return judgeWrites(transactions.flat(), effects, rehearsed, left, settings.rules)
  } finally {
    // A trigger may have taken a lock of the session, which no transaction gives back.
    await client.query('ROLLBACK; SELECT pg_advisory_unlock_all()')
  }
}

/** The rows of the batch, and those that PostgreSQL alone has changed: SQLite has left these as they were. */
async function readLeft(
  client: pg.Client,
  batch: Batch,
  touched: readonly Touched[],
  { schema }: Stage,
): Promise<LeftRow[]> {
  const ofBatch = rowsOfBatch(batch)
  const known = new Set(ofBatch.map(({ table, text }) => `${table.id} ${text}`))
  const alone = touched.filter(({ table, text }) => !known.has(`${table.id} ${text}`))
  const all: (RowKey & { readonly sqlite?: Row | null })[] = [...ofBatch, ...alone]
  const after = await readRows(client, schema, all)
  if (alone.length > 0) await client.query('ROLLBACK TO SAVEPOINT lockstep_rehearsal')
  const before = await readRows(client, schema, alone)
  return all.map(({ sqlite, ...one }) => ({
    ...one,
    sqlite: sqlite === undefined ? before(one) : sqlite,
    postgres: after(one),
  }))
}

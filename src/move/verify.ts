import { LockstepError } from '../core/errors.ts'
import { didYouMean } from '../core/suggest.ts'
import type { VerifiedTable, VerifyCheckpoint, VerifyOptions, VerifyReport } from '../api.ts'
import { AlignedView } from '../mirror/aligned-view.ts'
import type { AlignOptions } from '../mirror/align.ts'
import type { PlaceName } from '../place/place.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import type { Table } from '../schema/model.ts'
import { countRows } from '../sqlite/count-rows.ts'
import { refuseHiddenRows } from '../sqlite/hidden-rows.ts'
import { Speed } from './speed.ts'
import { TextThread } from './text-thread.ts'
import { findProblems } from './verify-problems.ts'
import { emptyReport, verifyTable } from './verify-table.ts'

/** At most so many differences are listed; the counts are complete. */
const maxDifferences = 1000
/** For how long snapshots stay open. */
const snapshotMs = 30_000

export interface VerifyContext extends AlignOptions {
  /** Which run this is: see `runOf`. */
  readonly run: VerifyCheckpoint['of']
  /** Which may move while tables are compared. */
  readonly primary: () => PlaceName
}

/**
 * Compares tables while writes go on, each range of keys at a pair of aligned snapshots.
 * @throws LockstepError SQLITE_CORRUPT where ranges of keys would leave rows out
 */
export async function verify(
  context: VerifyContext,
  tables: readonly Table[],
  options: VerifyOptions,
): Promise<VerifyReport> {
  const names = tables.map(({ name }) => name)
  await refuseHiddenRows(context.file, names, options.signal)
  const thread = options.thread === false ? undefined : await TextThread.open(context.file)
  try {
    return await compare(context, tables, options, thread)
  } finally {
    await thread?.close()
  }
}

async function compare(
  context: VerifyContext,
  tables: readonly Table[],
  options: VerifyOptions,
  thread: TextThread | undefined,
): Promise<VerifyReport> {
  const { resume, onCheckpoint = () => undefined } = options
  const done = [...(resume?.done ?? [])]
  const differences = [...(resume?.differences ?? [])]
  const left = tables.filter(({ name }) => !done.some((one) => one.table === name))
  const tell = await createTelling(context, left, options)
  const maxAgeMs = options.snapshotMs ?? snapshotMs
  const view = await AlignedView.open(context.primary, context, maxAgeMs, thread)
  const keep = (under: VerifyCheckpoint['under']): void =>
    onCheckpoint({ of: context.run, done: [...done], under, differences: [...differences] })
  try {
    for (const table of left) {
      if (view.isOld) await view.renew()
      const report = await verifyTable(table, view, {
        schema: context.server.schema,
        signal: options.signal,
        thread,
        sample: options.sample ?? 100,
        from: resume?.under?.report.table === table.name ? resume.under : undefined,
        comparison: {
          withValues: options.values ?? false,
          onDifference(difference) {
            if (differences.length < maxDifferences) differences.push(difference)
          },
        },
        onRange(now, after) {
          tell(now)
          keep({ report: { ...now }, after })
        },
      })
      tell(report)
      done.push(report)
      keep(null)
    }
    const problems = await findProblems(view.postgres, context, tables)
    return { equal: done.every(({ equal }) => equal), tables: done, differences, problems }
  } finally {
    await view.release()
  }
}

/**
 * The run that a verify begins or goes on with.
 * @throws LockstepError PAIR_MISMATCH, SCHEMA_DRIFT, CONFIG_INVALID where it would go on with another one
 */
export function runOf(
  migration: string,
  tables: readonly Table[],
  { resume, sample = 100 }: VerifyOptions,
): VerifyCheckpoint['of'] {
  const schema = fingerprint({ tables })
  if (resume === undefined) return { migration, schema, sample, begunAtMs: Date.now() }
  const { of } = resume
  if (of.migration !== migration)
    throw new LockstepError(
      'PAIR_MISMATCH',
      'The progress is that of a verify of another pair, or of one before an uninstall; begin a new one without it',
    )
  // A key of a table that has another one now, or is another table, says nothing of which rows were compared.
  if (of.schema !== schema)
    throw new LockstepError(
      'SCHEMA_DRIFT',
      'The progress is that of a verify before the schema changed; begin a new one without it',
    )
  if (of.sample !== sample)
    throw new LockstepError(
      'CONFIG_INVALID',
      `The progress is that of a verify of ${of.sample} % of the rows, and not of ${sample} %; go on with that sample, or begin a new one`,
    )
  return of
}

/** Tells who looks on how far the run is; totals are estimates, as rows are counted before the snapshots are taken. */
async function createTelling(
  { file }: VerifyContext,
  tables: readonly Table[],
  { onProgress, signal, sample = 100, resume }: VerifyOptions,
): Promise<(now: VerifiedTable) => void> {
  if (onProgress === undefined) return () => undefined
  const names = tables.map(({ name }) => name)
  const counts = await countRows(file, names, signal)
  const totals = new Map(names.map((name, index) => [name, counts[index] ?? 0]))
  const whole = ([...totals.values()].reduce((all, rows) => all + rows, 0) * sample) / 100
  const compared = new Map<string, number>()
  let sum = 0
  const speed = new Speed(() => performance.now())
  const count = ({ table, rows }: VerifiedTable): void => {
    sum += rows - (compared.get(table) ?? 0)
    compared.set(table, rows)
    speed.count(sum)
  }
  count(resume?.under?.report ?? emptyReport(names[0] ?? ''))
  return (now) => {
    count(now)
    onProgress({
      table: now.table,
      rows: now.rows,
      total: totals.get(now.table) ?? 0,
      rowsPerSecond: Math.round(speed.rowsPerSecond),
      timeLeftMs: speed.timeLeftMs(whole),
    })
  }
}

/** @throws LockstepError TABLE_UNKNOWN */
export function tablesToVerify(
  tables: readonly Table[],
  names: readonly string[] | undefined,
): readonly Table[] {
  if (names === undefined) return tables
  return names.map((name) => {
    const table = tables.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (table === undefined) {
      const known = tables.map((candidate) => candidate.name)
      throw new LockstepError(
        'TABLE_UNKNOWN',
        `There is no mirrored table ${name}; there are ${known.join(', ')}.${didYouMean(name, known)}`,
        { details: { table: name } },
      )
    }
    return table
  })
}

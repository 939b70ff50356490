import { setTimeout as pause } from 'node:timers/promises'
import { isLockstepError, messageOf } from '../core/errors.ts'
import { canonical } from './canonical.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Effect, Ledger } from './ledger.ts'
import type { Random } from './random.ts'
import type { Value } from '../values/value.ts'
import type { Reader, TrafficDatabase, Work, Writer } from './work.ts'

/** What the application has done and seen so far. */
export interface TrafficCounters {
  writes: number
  reads: number
  /** Own writes that were read back in the same session, and those among them that were not there. */
  readBacks: number
  staleReads: number
  /** Every error that reached the application, by message. */
  errors: Map<string, number>
}

export interface Traffic {
  readonly counters: Readonly<TrafficCounters>
  /** The slowest write since the last call, in milliseconds: what a user felt of a flip. */
  takeLongestWriteMs(): number
  /** Resolves when every operation under way has ended. Throws where one does not. */
  stop(): Promise<void>
}

export interface TrafficOptions {
  db: TrafficDatabase
  writers: readonly Writer[]
  readers: readonly Reader[]
  ledger: Ledger
  random: Random
  /** Between two operations of one writer or reader, on average. */
  thinkMs: number
}

const stopTimeoutMs = 60_000
const readBackShare = 0.05
const maxDistinctErrors = 50

/** Every writer and reader is a user: one operation, a moment, the next one. */
export function startTraffic(options: TrafficOptions): Traffic {
  const counters: TrafficCounters = {
    writes: 0,
    reads: 0,
    readBacks: 0,
    staleReads: 0,
    errors: new Map(),
  }
  const stopping = new AbortController()
  let longestWriteMs = 0
  const loops = [
    ...options.writers.map(async (writer, index) => {
      const random = options.random.fork(`writer ${index}`)
      await untilStopped(stopping.signal, options.thinkMs, random, async () => {
        const work = writer.next()
        if (work === null) return
        const begin = performance.now()
        await write(options, index, work, random, counters)
        longestWriteMs = Math.max(longestWriteMs, performance.now() - begin)
      })
    }),
    ...options.readers.map(async (reader, index) => {
      const random = options.random.fork(`reader ${index}`)
      await untilStopped(stopping.signal, options.thinkMs, random, async () => {
        await read(options.db, reader, random, counters)
      })
    }),
  ]
  const ended = Promise.all(loops)
  return {
    counters,
    takeLongestWriteMs: () => {
      const longest = longestWriteMs
      longestWriteMs = 0
      return longest
    },
    stop: async () => {
      stopping.abort()
      await withinTime(ended)
    },
  }
}

async function untilStopped(
  signal: AbortSignal,
  thinkMs: number,
  random: Random,
  step: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await step()
    await pause(random.integer(0, thinkMs * 2))
  }
}

async function withinTime(ended: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  const late = pause(stopTimeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`an operation of the application did not end within ${stopTimeoutMs} ms`)
  })
  // Once everything has ended the timer is called off, and that is no failure.
  late.catch(() => {})
  await Promise.race([ended, late])
  timer.abort()
}

async function write(
  { db, ledger }: TrafficOptions,
  writer: number,
  work: Work,
  random: Random,
  counters: TrafficCounters,
): Promise<void> {
  await db.session({ key: `writer-${writer}` }, async () => {
    let effects: readonly Effect[]
    try {
      effects = await work.run(db)
    } catch (error) {
      if (!isRefusal(error)) ledger.doubt(writer, work.intended)
      work.failed()
      countError(counters, work.name, error)
      return
    }
    counters.writes++
    ledger.acknowledge(writer, effects)
    work.done(effects)
    if (!random.chance(readBackShare)) return
    try {
      await readBack(db, effects, counters)
    } catch (error) {
      countError(counters, `read back after ${work.name}`, error)
    }
  })
}

/** What has no form on PostgreSQL, or meets a constraint, has changed nothing (docs/errors.md). */
function isRefusal(error: unknown): boolean {
  return (
    isLockstepError(error) &&
    (error.code === 'SQL_UNSUPPORTED' || error.code.startsWith('SQLITE_CONSTRAINT'))
  )
}

/** Read your writes: whatever place serves it, a session sees what it has written. */
async function readBack(
  db: TrafficDatabase,
  effects: readonly Effect[],
  counters: TrafficCounters,
): Promise<void> {
  const effect = effects.find(({ row }) => row !== null)
  if (effect === undefined || effect.row === null) return
  const expected = Object.entries(effect.row)
  const keys = Object.entries(effect.key)
  const sql =
    `SELECT ${expected.map(([name], at) => `${quote(name)} AS c${at}`).join(', ')} FROM ${quote(effect.table)}` +
    ` WHERE ${keys.map(([name]) => `${quote(name)} = ?`).join(' AND ')}`
  const row = await db.get<Record<string, Value>>(
    sql,
    keys.map(([, value]) => value),
  )
  counters.readBacks++
  const same =
    row !== undefined &&
    expected.every(([, value], at) => canonical(row[`c${at}`] ?? null) === canonical(value))
  if (!same) counters.staleReads++
}

async function read(
  db: TrafficDatabase,
  reader: Reader,
  random: Random,
  counters: TrafficCounters,
): Promise<void> {
  const next = reader.next()
  if (next === null) return
  try {
    await db.session({ key: `visitor-${random.integer(0, 9_999)}` }, async () => {
      await db.all(next.sql, next.params)
    })
    counters.reads++
  } catch (error) {
    countError(counters, next.name, error)
  }
}

function countError(counters: TrafficCounters, doing: string, error: unknown): void {
  const message = `${doing}: ${messageOf(error)}`
  const known = counters.errors.has(message) || counters.errors.size < maxDistinctErrors
  const name = known ? message : 'further errors'
  counters.errors.set(name, (counters.errors.get(name) ?? 0) + 1)
}

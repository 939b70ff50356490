import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import type { Lockstep } from '../api.ts'
import type { TypeOverrides } from '../schema/overrides.ts'
import { NotADatabaseError } from './copy-file.ts'
import { createDashboard } from './dashboard.ts'
import { createDemoDatabase, type DemoDatabase } from './demo-database.ts'
import { createFileScenario } from './file-scenario.ts'
import { travel } from './journey.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { createScreen, silentScreen, type Screen } from './screen.ts'
import { createShopScenario } from './shop-scenario.ts'
import { startTraffic, type Traffic, type TrafficCounters } from './traffic.ts'
import { judge, stopped, type DemoFigures, type DemoVerdict } from './verdict.ts'
import { writeVerdict } from './write-verdict.ts'

/** What the demo needs of `createLockstep`. */
export type CreateLockstep = (options: {
  sqlite: { path: string; safeIntegers: true }
  columns: TypeOverrides
  postgres: { connectionString: string }
  flags: {
    initial: {
      mirror: boolean
      primary: 'sqlite'
      reads: { postgres: number }
      shadow: { sample: number; rehearse: number }
      ack: 'primary'
    }
  }
}) => Promise<Lockstep>

export interface DemoOptions {
  createLockstep: CreateLockstep
  /** An SQLite file to try on a copy of; a generated shop where there is none. */
  db?: string
  /** For how long the traffic runs; setting up and checking come on top. Default 40. */
  seconds?: number
  /** The same seed generates the same shop and the same order of work. Default 1. */
  seed?: number
  /** About how many rows the shop has. Default 200,000. */
  rows?: number
  /** Concurrent ones. Default 8 of each. */
  writers?: number
  readers?: number
  /** Only the verdict, as one JSON document. */
  json?: boolean
  /** A server to make a database of the demo's own on; PostgreSQL is started where there is none. */
  databaseUrl?: string
  /** Serves the admin server over the demo's Lockstep; gives an address to open in a browser. */
  serve?: (db: Lockstep) => Promise<AsyncDisposable & { readonly url: string }>
  output: NodeJS.WritableStream
  signal?: AbortSignal
}

const defaults = { seconds: 40, seed: 1, rows: 200_000, writers: 8, readers: 8 }
const thinkMs = 4

/**
 * The whole journey with live traffic. A verdict that does not hold is a result, not an exception.
 * @throws NotADatabaseError where `db` names no file with tables that could be moved
 */
export async function runDemo(options: DemoOptions): Promise<DemoVerdict> {
  const screen = options.json === true ? silentScreen() : createScreen(options.output)
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-demo-'))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const figures = emptyFigures()
  try {
    const scenario = await prepare(options, folder, screen, figures)
    const database = await openDatabase(options, screen)
    try {
      await drive(options, scenario, database.url, screen, figures)
    } finally {
      await database.close()
    }
  } catch (error) {
    if (error instanceof NotADatabaseError) throw error
    figures.failure = options.signal?.aborted === true ? stopped : messageOf(error)
  } finally {
    screen.end()
    removeFolder()
    process.off('exit', removeFolder)
  }
  const verdict = judge(figures)
  writeVerdict(verdict, options.output, options.json === true)
  return verdict
}

async function prepare(
  options: DemoOptions,
  folder: string,
  screen: Screen,
  figures: DemoFigures,
): Promise<Scenario> {
  const { seed = defaults.seed, rows = defaults.rows } = options
  if (options.db === undefined) screen.say(`generating a shop of about ${rows} rows`)
  else screen.say(`copying ${options.db}: the file itself stays as it is`)
  const scenario =
    options.db === undefined
      ? createShopScenario(folder, { rows, seed })
      : await createFileScenario(folder, options.db, seed)
  figures.setAside = scenario.setAside
  figures.leftOut = [...scenario.leftOut]
  for (const notice of scenario.notices) {
    figures.notices.push(notice)
    screen.say(notice)
  }
  return scenario
}

async function openDatabase(options: DemoOptions, screen: Screen): Promise<DemoDatabase> {
  options.signal?.throwIfAborted()
  screen.say(
    options.databaseUrl === undefined ? 'starting PostgreSQL' : 'making a database on your server',
  )
  return await createDemoDatabase(
    `lockstep_demo_${randomBytes(4).toString('hex')}`,
    options.databaseUrl,
  )
}

async function drive(
  options: DemoOptions,
  scenario: Scenario,
  postgresUrl: string,
  screen: Screen,
  figures: DemoFigures,
): Promise<void> {
  const random = createRandom(options.seed ?? defaults.seed, 'traffic')
  const writers = scenario.writers(options.writers ?? defaults.writers, random)
  const readers = scenario.readers(options.readers ?? defaults.readers, random)
  const ledger = createLedger()
  const runs: Traffic[] = []
  const db = await openLockstep(options, scenario, postgresUrl)
  const admin = await options.serve?.(db)
  if (admin !== undefined) screen.say(`dashboard: ${admin.url}`)
  const counters = (): TrafficCounters => sum(runs)
  const dashboard = createDashboard({
    title: `Lockstep  ${scenario.title}`,
    db,
    screen,
    figures,
    counters,
  })
  try {
    await travel({
      db,
      scenario,
      postgresUrl,
      ledger,
      startTraffic: () => {
        const name = `run ${runs.length}`
        const traffic = startTraffic({
          db,
          writers,
          readers,
          ledger,
          random: random.fork(name),
          thinkMs,
        })
        runs.push(traffic)
        return traffic
      },
      figures,
      seconds: options.seconds ?? defaults.seconds,
      signal: options.signal ?? new AbortController().signal,
      onStep: (step, activity) => dashboard.onStep(step, activity),
      onNotice: (line) => {
        if (figures.notices.includes(line)) return
        figures.notices.push(line)
        screen.say(line)
      },
    })
  } finally {
    await dashboard.stop(figures.ledgerAfterComplete !== null)
    await admin?.[Symbol.asyncDispose]()
    await db.close()
    record(figures, ledger, counters())
  }
}

async function openLockstep(
  { createLockstep }: DemoOptions,
  scenario: Scenario,
  postgresUrl: string,
): Promise<Lockstep> {
  return await createLockstep({
    sqlite: { path: scenario.file, safeIntegers: true },
    columns: scenario.columns,
    postgres: { connectionString: postgresUrl },
    flags: {
      initial: {
        mirror: true,
        primary: 'sqlite',
        reads: { postgres: 0 },
        shadow: { sample: 0, rehearse: 0 },
        ack: 'primary',
      },
    },
  })
}

function record(figures: DemoFigures, ledger: Ledger, counters: TrafficCounters): void {
  const { reads, readBacks, staleReads, errors } = counters
  Object.assign(figures, { reads, readBacks, staleReads })
  figures.acknowledged = ledger.acknowledged
  figures.unknown = ledger.unknown
  figures.errors = [...errors].map(([message, count]) => ({ message, count }))
}

function sum(runs: readonly Traffic[]): TrafficCounters {
  const all: TrafficCounters = {
    writes: 0,
    reads: 0,
    readBacks: 0,
    staleReads: 0,
    errors: new Map(),
  }
  for (const { counters } of runs) {
    all.writes += counters.writes
    all.reads += counters.reads
    all.readBacks += counters.readBacks
    all.staleReads += counters.staleReads
    for (const [message, count] of counters.errors) {
      all.errors.set(message, (all.errors.get(message) ?? 0) + count)
    }
  }
  return all
}

function emptyFigures(): DemoFigures {
  return {
    acknowledged: 0,
    unknown: 0,
    reads: 0,
    readBacks: 0,
    staleReads: 0,
    errors: [],
    ledger: { sqlite: null, postgres: null },
    ledgerAfterComplete: null,
    tables: null,
    differing: [],
    flips: [],
    setAside: 0,
    leftOut: [],
    quarantined: 0,
    notices: [],
    failure: null,
  }
}

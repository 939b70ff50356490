import { setTimeout as pause } from 'node:timers/promises'
import { isLockstepError, messageOf } from '../core/errors.ts'
import type { FlipReport, Gate, Lockstep } from '../api.ts'
import type { Finding } from '../schema/model.ts'
import type { PlaceName } from '../place/place.ts'
import { lookAtPostgres, lookAtSqlite, type DirectLook } from './direct.ts'
import { checkLedger, type LedgerCheck } from './ledger-check.ts'
import type { Ledger } from './ledger.ts'
import type { Scenario } from './scenario.ts'
import type { Traffic } from './traffic.ts'
import type { DemoFigures } from './verdict.ts'

/** The steps that a reader sees, in order. */
export const journeySteps = [
  'install',
  'backfill',
  'mirror',
  'shadow',
  'ramp 10 %',
  'ramp 50 %',
  'ramp 100 %',
  'flip to postgres',
  'rollback to sqlite',
  'flip again',
  'check',
  'complete',
] as const
export type JourneyStep = (typeof journeySteps)[number]

/** Shares of the time that traffic is given. */
const weights: Readonly<Partial<Record<JourneyStep, number>>> = {
  install: 2,
  mirror: 4,
  shadow: 6,
  'ramp 10 %': 4,
  'ramp 50 %': 4,
  'ramp 100 %': 5,
  'flip to postgres': 8,
  'rollback to sqlite': 6,
  'flip again': 6,
  complete: 2,
}
const totalWeight = Object.values(weights).reduce((sum, weight) => sum + weight, 0)

/** The part of its share that the traffic gets however long the step's work took. */
const leastDwell = 0.4
/** A backfill that has not caught up with the traffic by then never will. */
const catchUpLimitMs = 120_000
const readyTimeoutMs = 15_000
const flipAttempts = 3

export interface Journey {
  db: Lockstep
  scenario: Scenario
  postgresUrl: string
  ledger: Ledger
  /** Starts the application; called again after the check. */
  startTraffic(): Traffic
  figures: DemoFigures
  seconds: number
  signal: AbortSignal
  /** Called whenever something that a reader sees has changed. */
  onStep(step: JourneyStep, activity?: string): void
  onNotice(line: string): void
}

/** From a live application on SQLite to one on PostgreSQL. Throws where a step fails. */
export async function travel(journey: Journey): Promise<void> {
  const { db, figures } = journey
  await whileTraffic(journey, async (traffic) => await travelUnderTraffic(journey, traffic))
  await step(journey, 'check', async () => await check(journey))
  journey.onStep('complete')
  await db.complete()
  await whileTraffic(journey, async () => await dwell(journey, 'complete'))
  figures.ledgerAfterComplete = await inspect(journey, await lookAtPostgres(journey.postgresUrl))
}

/** The application runs all the time, and has come to rest when this returns or throws. */
async function whileTraffic(
  journey: Journey,
  work: (traffic: Traffic) => Promise<void>,
): Promise<void> {
  const traffic = journey.startTraffic()
  try {
    await work(traffic)
  } catch (error) {
    // Why the journey failed matters more than what an operation under way then ran into.
    await traffic.stop().catch(() => {})
    throw error
  }
  await traffic.stop()
}

async function travelUnderTraffic(journey: Journey, traffic: Traffic): Promise<void> {
  const { db } = journey
  await moveIn(journey)
  await step(journey, 'mirror', async () => await db.caughtUp())
  await step(
    journey,
    'shadow',
    async () => await db.setFlags({ shadow: { sample: 50, rehearse: 20 } }),
  )
  for (const percent of [10, 50, 100] as const) {
    await step(
      journey,
      `ramp ${percent} %`,
      async () => await db.setFlags({ reads: { postgres: percent } }),
    )
  }
  await step(journey, 'flip to postgres', async () => await flip(journey, 'postgres', traffic))
  await step(journey, 'rollback to sqlite', async () => {
    await flip(journey, 'sqlite', traffic)
    await db.setFlags({ reads: { postgres: 0 } })
  })
  await step(journey, 'flip again', async () => {
    await db.setFlags({ reads: { postgres: 100 } })
    await flip(journey, 'postgres', traffic)
  })
}

async function step(
  journey: Journey,
  name: JourneyStep,
  work: () => Promise<unknown>,
): Promise<void> {
  journey.signal.throwIfAborted()
  journey.onStep(name)
  const begin = performance.now()
  await work()
  await dwell(journey, name, performance.now() - begin)
}

/** Gives the traffic its share of the time in this step, less what the step's own work has taken. */
async function dwell(journey: Journey, name: JourneyStep, spentMs = 0): Promise<void> {
  const shareMs = (journey.seconds * 1_000 * (weights[name] ?? 0)) / totalWeight
  const restMs = Math.max(shareMs - spentMs, shareMs * leastDwell)
  await pause(restMs, undefined, { signal: journey.signal })
}

async function moveIn(journey: Journey): Promise<void> {
  const { db, scenario } = journey
  await step(journey, 'install', async () => {
    const { findings } = await db.install()
    const schema = await db.applySchema()
    await scenario.afterSchema(journey.postgresUrl)
    tell(journey, [...findings, ...schema.findings])
  })
  await step(journey, 'backfill', async () => await backfill(journey))
}

async function backfill(journey: Journey): Promise<void> {
  const tooSlow = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const giveUp = (): void =>
    tooSlow.abort(new Error('the traffic writes faster than PostgreSQL takes it in'))
  try {
    const { findings } = await journey.db.backfill({
      signal: AbortSignal.any([journey.signal, tooSlow.signal]),
      onProgress: ({ phase, table, rows, total }) => {
        if (phase === 'catch-up') timer ??= setTimeout(giveUp, catchUpLimitMs)
        const percent = total === 0 ? 100 : Math.min(100, Math.round((rows / total) * 100))
        journey.onStep('backfill', phase === 'copy' ? `${percent} % ${table ?? ''}` : phase)
      },
    })
    tell(journey, findings)
  } finally {
    clearTimeout(timer)
  }
}

function tell(journey: Journey, findings: readonly Finding[]): void {
  for (const { level, table, column, message } of findings) {
    const place = [table, column].filter((name) => name !== null).join('.')
    if (level === 'decision') journey.onNotice(`${place === '' ? '' : `${place}: `}${message}`)
  }
}

/** As an operator does it: look at the gates, prove equality, then go. A cancelled flip is tried again. */
async function flip(journey: Journey, to: PlaceName, traffic: Traffic): Promise<void> {
  const { db, figures } = journey
  const force = to === 'postgres' && (await mustForce(journey))
  for (let attempt = 1; ; attempt++) {
    traffic.takeLongestWriteMs()
    try {
      const report = await moveTo(db, to, force)
      // Writes that were held are part of what the application felt.
      await pause(50)
      figures.flips.push({
        to,
        pauseMs: report.pauseMs,
        longestWriteMs: traffic.takeLongestWriteMs(),
      })
      return
    } catch (error) {
      if (!isLockstepError(error, 'FLIP_CANCELLED') || attempt === flipAttempts) throw error
      journey.onNotice(`the flip to ${to} cancelled itself (${messageOf(error)}): once more`)
    }
  }
}

async function moveTo(db: Lockstep, to: PlaceName, force: boolean): Promise<FlipReport> {
  return to === 'sqlite' ? await db.rollback() : await db.flip('postgres', { force })
}

/** Whether gates are closed, and all of them are such as this scenario overrules. */
async function mustForce(journey: Journey): Promise<boolean> {
  const { db, figures, signal, scenario } = journey
  await db.caughtUp()
  // Later on the journey's own check compares everything once more.
  if (figures.flips.length === 0) {
    const { equal, tables } = await db.verify({ signal })
    const unequal = tables.filter((table) => !table.equal).map(({ table }) => table)
    if (!equal) throw new Error(`not equal before the first flip: ${unequal.join(', ')}`)
  }
  const closed = async (): Promise<Gate[]> => (await db.ready()).gates.filter(({ ok }) => !ok)
  const isOverruled = ({ name }: Gate): boolean => scenario.overruled.includes(name)
  const deadline = performance.now() + readyTimeoutMs
  let gates = await closed()
  // Some gates want to have seen enough first; more traffic is all they need.
  while (!gates.every(isOverruled) && performance.now() < deadline) {
    await pause(500, undefined, { signal })
    gates = await closed()
  }
  if (!gates.every(isOverruled)) return false
  for (const { name, detail } of gates) {
    journey.onNotice(`gate overruled, as nobody is here to decide: ${name} (${detail})`)
  }
  return gates.length > 0
}

/** The application is quiet now; both places are looked at past Lockstep, then row by row through it. */
async function check(journey: Journey): Promise<void> {
  const { db, figures, scenario } = journey
  await db.caughtUp()
  figures.quarantined = (await db.status()).quarantine
  const report = await db.verify({
    signal: journey.signal,
    onProgress: ({ table }) => journey.onStep('check', table),
  })
  figures.tables = report.tables
  figures.differing = [
    ...new Set(
      report.differences.map(
        (one) => `${one.table}${one.column === null ? '' : `.${one.column}`} (${one.class})`,
      ),
    ),
  ]
  journey.onStep('check', 'ledger')
  figures.ledger.sqlite = await inspect(journey, lookAtSqlite(scenario.file))
  figures.ledger.postgres = await inspect(journey, await lookAtPostgres(journey.postgresUrl))
}

async function inspect({ ledger }: Journey, look: DirectLook): Promise<LedgerCheck> {
  try {
    return await checkLedger(ledger.expectations(), look.read)
  } finally {
    await look.close()
  }
}

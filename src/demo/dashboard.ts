import type { Lockstep, Status } from '../api.ts'
import { journeySteps, type JourneyStep } from './journey.ts'
import type { Screen, ScreenState } from './screen.ts'
import type { TrafficCounters } from './traffic.ts'
import type { DemoFigures } from './verdict.ts'

/** Looks at the application and at Lockstep a few times a second and shows it. */
export interface Dashboard {
  onStep(step: JourneyStep, activity?: string): void
  stop(): Promise<void>
}

const everyMs = 250

export interface DashboardOptions {
  title: string
  db: Pick<Lockstep, 'status'>
  screen: Screen
  figures: DemoFigures
  /** The counters of all traffic so far. */
  counters: () => TrafficCounters
}

interface Sample {
  atMs: number
  writes: number
  reads: number
  served: { sqlite: number; postgres: number } | null
}

export function createDashboard(options: DashboardOptions): Dashboard {
  const { screen, figures, counters, title } = options
  const begin = performance.now()
  let step: JourneyStep = 'install'
  let activity = ''
  let before: Sample | null = null
  let looking: Promise<void> = Promise.resolve()
  let busy = false
  let last = blank(title)

  const show = (): void =>
    screen.show({ ...last, step, activity, elapsedMs: performance.now() - begin })
  const look = async (): Promise<void> => {
    busy = true
    const status = await statusOf(options.db)
    const { writes, reads, errors } = counters()
    const served = status?.counters.reads ?? null
    const now: Sample = { atMs: performance.now(), writes, reads, served }
    last = {
      ...last,
      stage: status?.stage ?? '-',
      primary: status?.primary ?? '-',
      ...ratesOf(before ?? now, now),
      lag: status?.lag ?? null,
      errors: [...errors.values()].reduce((sum, count) => sum + count, 0),
      flips: figures.flips,
    }
    before = now
    show()
    busy = false
  }
  const timer = setInterval(() => {
    if (!busy) looking = look()
  }, everyMs)

  return {
    onStep: (next, what = '') => {
      step = next
      activity = what
      // Short steps are seen as well; the figures are those of the last look.
      show()
    },
    stop: async () => {
      clearInterval(timer)
      await looking
      await look()
    },
  }
}

function blank(title: string): ScreenState {
  return {
    title,
    steps: journeySteps,
    step: 'install',
    activity: '',
    stage: '-',
    primary: '-',
    writesPerSecond: 0,
    readsPerSecond: 0,
    lag: null,
    postgresReadPercent: null,
    errors: 0,
    flips: [],
    elapsedMs: 0,
  }
}

/** The screen is a bystander: where the status cannot be had, it shows a dash. */
async function statusOf(db: Pick<Lockstep, 'status'>): Promise<Status | null> {
  try {
    return await db.status()
  } catch {
    return null
  }
}

function ratesOf(
  before: Sample,
  now: Sample,
): { writesPerSecond: number; readsPerSecond: number; postgresReadPercent: number | null } {
  const elapsed = Math.max(1, now.atMs - before.atMs) / 1_000
  const served = (place: 'sqlite' | 'postgres'): number =>
    Math.max(0, (now.served?.[place] ?? 0) - (before.served?.[place] ?? 0))
  const all = served('sqlite') + served('postgres')
  return {
    writesPerSecond: (now.writes - before.writes) / elapsed,
    readsPerSecond: (now.reads - before.reads) / elapsed,
    postgresReadPercent: all === 0 ? null : (served('postgres') / all) * 100,
  }
}

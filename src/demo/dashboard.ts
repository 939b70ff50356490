import type { Lockstep, Status } from '../api.ts'
import { journeySteps, type JourneyStep } from './journey.ts'
import { seconds } from './picture.ts'
import type { Screen, ScreenState } from './screen.ts'
import type { TrafficCounters } from './traffic.ts'
import type { DemoFigures } from './verdict.ts'

/** Looks at the application and at Lockstep a few times a second and shows it. */
export interface Dashboard {
  onStep(step: JourneyStep, activity?: string): void
  /** @param done whether the last step has reached its end */
  stop(done: boolean): Promise<void>
}

const everyMs = 250
/** Rates are those of the last two seconds, so that figures can be read. */
const samplesKept = 8

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

type Figures = Omit<ScreenState, 'title' | 'steps' | 'at' | 'elapsedMs'>

export function createDashboard(options: DashboardOptions): Dashboard {
  const { screen, title } = options
  const begin = performance.now()
  const look = createLook(options)
  const notes = new Map<string, string>()
  let at = 0
  let stepBegin = begin
  let looking: Promise<void> = Promise.resolve()
  let busy = false
  let last: Figures = blank

  const show = (): void =>
    screen.show({
      ...last,
      title,
      steps: journeySteps.map((name) => ({ name, note: notes.get(name) ?? '' })),
      at,
      elapsedMs: performance.now() - begin,
    })
  const refresh = async (): Promise<void> => {
    busy = true
    last = await look()
    show()
    busy = false
  }
  const timer = setInterval(() => {
    if (!busy) looking = refresh()
  }, everyMs)
  const finish = (step: JourneyStep | undefined): void => {
    if (step !== undefined) notes.set(step, outcome(step, options.figures, stepBegin))
    stepBegin = performance.now()
  }

  return {
    onStep: (step, activity = '') => {
      const next = journeySteps.indexOf(step)
      if (next !== at) finish(journeySteps[at])
      at = next
      notes.set(step, activity)
      // Short steps are seen as well; the figures are those of the last look.
      show()
    },
    stop: async (done) => {
      clearInterval(timer)
      await looking
      if (done) {
        finish(journeySteps[at])
        at = journeySteps.length
      }
      await refresh()
    },
  }
}

/** How a step went: the pause of a flip, else how long it took. */
function outcome(step: JourneyStep, { flips }: DemoFigures, beginMs: number): string {
  const flip = flips[flipSteps.indexOf(step)]
  if (flip !== undefined) return `writes paused ${Math.round(flip.pauseMs)} ms`
  return seconds(performance.now() - beginMs)
}

/** In the order of the figures' flips. */
const flipSteps: readonly JourneyStep[] = ['flip to postgres', 'rollback to sqlite', 'flip again']

function createLook({ db, counters }: DashboardOptions): () => Promise<Figures> {
  const samples: Sample[] = []
  return async () => {
    const status = await statusOf(db)
    const { writes, reads, errors } = counters()
    const served = status?.counters.reads ?? null
    const now: Sample = { atMs: performance.now(), writes, reads, served }
    samples.push(now)
    if (samples.length > samplesKept) samples.shift()
    return {
      stage: status?.stage ?? '-',
      primary: status?.primary ?? '-',
      ...ratesOf(samples[0] ?? now, now),
      lag: status?.lag ?? null,
      errors: [...errors.values()].reduce((sum, count) => sum + count, 0),
    }
  }
}

const blank: Figures = {
  stage: '-',
  primary: '-',
  writesPerSecond: 0,
  readsPerSecond: 0,
  lag: null,
  postgresReadPercent: null,
  errors: 0,
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

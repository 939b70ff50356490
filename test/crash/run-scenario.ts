import { isDeepStrictEqual } from 'node:util'
import type { PausePoint } from '../../src/core/pause-points.ts'
import { start, type At, type Line, type Plan } from './application.ts'
import { goOn } from './go-on.ts'
import { historyOf } from './history.ts'
import { withoutPostgres } from './lost.ts'
import type { Pair, Pairs } from './pair.ts'
import type { Scenario } from './scenarios.ts'
import { makeOperations, makeSafeOperations, oneOfEach } from './workload.ts'

const operations = [...makeOperations(7, 2 * oneOfEach), ...makeSafeOperations(50_000, 8)]
/** The first operation behind those that scenarios name. */
const firstOfRecovery = 2 * oneOfEach

export type Counts = Partial<Record<PausePoint, number>>

export interface Kills {
  /** Where the process of the scenario dies. */
  readonly first?: At
  /** Another process then takes the scenario up, and dies here, or goes through. */
  readonly second?: At | 'none'
}

export interface Ran {
  /** How often the last process came by each point. */
  readonly counts: Counts
  readonly faults: string[]
  /** Whether the last process has died where it should. */
  readonly isKilled: boolean
}

/** Runs the scenario in a process of its own, which dies where that is said, and then looks at what is there. */
export async function runScenario(
  pairs: Pairs,
  scenario: Scenario,
  { first, second }: Kills = {},
): Promise<Ran> {
  const { options, steps, isAway } = scenario
  const pair = await pairs.copy(scenario.from)
  try {
    await scenario.prepare?.(pair)
    const seen = isAway === true ? withoutPostgres(pair) : pair
    const own = options === undefined ? {} : { options }
    let last = await live(seen, { steps, operations, at: first, ...own }, 'app')
    let history = historyOf(last.lines)
    if (second !== undefined && last.isKilled) {
      const again = [...(scenario.again ?? []), { writes: [firstOfRecovery] }]
      const at = second === 'none' ? undefined : second
      last = await live(seen, { steps: again, operations, at, ...own }, 'again')
      history = historyOf(last.lines, history)
    }
    const wrong = whatWentWrong(last, second === undefined ? (scenario.ends ?? []) : [])
    if (wrong.length > 0) return { ...last, faults: wrong }
    const faults = await goOn(pair, {
      operations,
      history,
      next: firstOfRecovery + 1,
      resume: scenario.resume,
      end: scenario.end,
      also: scenario.also,
    })
    const where = [first, second].map(nameOf).join('')
    return { ...last, faults: faults.map((fault) => `${where}${fault}`) }
  } finally {
    await pair.drop()
  }
}

interface Lived {
  readonly outcome: string
  readonly isKilled: boolean
  readonly lines: readonly Line[]
  readonly counts: Counts
}

async function live(pair: Pair, plan: Plan, name: string): Promise<Lived> {
  const application = start(pair, plan, name)
  const outcome = await application.ended()
  const lines = application.lines()
  const counts = lines.find((line) => line.counts !== undefined)?.counts ?? {}
  return { outcome, isKilled: outcome === 'killed', lines, counts }
}

/** A process that was not killed must have ended, with no other errors than those that it should have. */
function whatWentWrong({ outcome, lines }: Lived, ends: readonly string[]): string[] {
  if (outcome === 'killed') return []
  if (outcome !== 'done') return [outcome]
  const errors = lines.filter(({ step, code }) => step !== undefined && code !== undefined)
  if (
    isDeepStrictEqual(
      errors.map(({ code }) => code),
      ends,
    )
  )
    return []
  return errors.map(({ message }) => `a step failed: ${message}`)
}

function nameOf(at: At | 'none' | undefined): string {
  return at === undefined || at === 'none' ? '' : `${at.point} ${at.occurrence}: `
}

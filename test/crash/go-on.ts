import type { Lockstep } from '../../src/api.ts'
import type { PlaceName } from '../../src/place/place.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { everywhere } from './everywhere.ts'
import { notFollowed } from './followed.ts'
import type { History } from './history.ts'
import { faultsOf, lostOrDoubled, type State } from './judge.ts'
import { whoAccepts } from './one-primary.ts'
import { open, type Pair } from './pair.ts'
import type { Operation } from './workload.ts'

const pauseBudgetMs = 20_000

export interface GoingOn {
  readonly operations: readonly Operation[]
  readonly history: History
  /** The first operation that no process has begun. */
  readonly next: number
  /** What the operator does again, as the process died while it did it. */
  readonly resume?: ((db: Lockstep) => Promise<unknown>) | undefined
  /** Where the journey has ended, what must hold there; else it goes on. */
  readonly end?: End | undefined
  /** Says what else is wrong once both places are equal after the crash. */
  readonly also?: ((pair: Pair) => Promise<string[]>) | undefined
  readonly options?: Partial<LockstepOptions>
}

/** Says what is wrong with a journey's end, given what is wrong with the rows of a place. */
export type End = (
  db: Lockstep,
  pair: Pair,
  faultsIn: (state: State) => string[],
) => Promise<string[]>

/**
 * Starts the application again after a crash and says what is wrong, each line one fault: a write goes
 * through by itself, exactly one place takes writes, nothing is lost or doubled, and the primary can
 * move to the other place.
 */
export async function goOn(pair: Pair, going: GoingOn): Promise<string[]> {
  const { operations, history, resume } = going
  const faults: string[] = []
  let next = going.next
  const db = await open(pair, going.options)
  const judge = async (when: string): Promise<void> => {
    await db.caughtUp()
    const found = [...(await faultsOf(pair, operations, history)), ...(await onePrimary(db, pair))]
    faults.push(...found.map((fault) => `${when}: ${fault}`))
  }
  const write = async (): Promise<void> => {
    history.set(next, 'acknowledged')
    await db.batch(operations[next++] as Operation)
  }
  try {
    await write()
    await resume?.(db)
    if (going.end !== undefined) {
      await write()
      return await going.end(db, pair, (state) =>
        lostOrDoubled(state, pair.bulk, operations, history),
      )
    }
    await judge('after the crash')
    faults.push(...(await notFollowed(db, pair)), ...((await going.also?.(pair)) ?? []))
    if (!(await db.verify()).equal) faults.push('verify says that the places differ')
    const first = (await db.status()).primary
    // There, and in the long form back as well: other tests move to and fro without a crash before it.
    for (const to of everywhere ? [other(first), first] : [other(first)]) {
      const moved = await db.flip(to, { pauseBudgetMs })
      if (moved.to !== to) faults.push(`a flip to ${to} ended on ${moved.to}`)
      await write()
      await judge(`after a flip to ${to}`)
    }
  } catch (error) {
    faults.push(`it did not go on: ${describe(error)}`)
  } finally {
    await db.close()
  }
  return faults
}

export function other(place: PlaceName): PlaceName {
  return place === 'sqlite' ? 'postgres' : 'sqlite'
}

/** Exactly one place takes writes, and it is the one that Lockstep names. */
export async function onePrimary(db: Lockstep, pair: Pair): Promise<string[]> {
  const { primary } = await db.status()
  const accepting = await whoAccepts(pair)
  const expected = { sqlite: primary === 'sqlite', postgres: primary === 'postgres' }
  if (JSON.stringify(accepting) === JSON.stringify(expected)) return []
  return [`${primary} is the primary, but writes are taken by ${JSON.stringify(accepting)}`]
}

export function describe(error: unknown): string {
  const { code = '', stack = String(error) } = error as { code?: string; stack?: string }
  return `${code} ${stack.split('\n').slice(0, 4).join(' ')}`
}

import { setTimeout as rest } from 'node:timers/promises'
import { createRandom } from '../../src/demo/random.ts'
import { allFaults } from './faults.ts'
import { operationsOf, type Operation } from './history/operation.ts'
import { faultsIn } from './history/verdict.ts'
import type { Entry } from './plan.ts'
import { beginning, rowsOfPostgres, rowsOfSqlite } from './workload.ts'
import type { World } from './world.ts'

/** Whatever was done to it, within this time both places are equal again. */
const recoverMs = 60_000

/** Does what the plan says to the working system, and ends it once all of it is over. */
export async function unleash(world: World, plan: readonly Entry[]): Promise<void> {
  const start = performance.now()
  const until = (atMs: number): Promise<void> => rest(Math.max(0, start + atMs - performance.now()))
  await Promise.all(
    plan.map(async ({ atMs, fault, forMs, seed }) => {
      await until(atMs)
      const heal = await allFaults[fault]?.(world, createRandom(seed), forMs)
      await until(atMs + forMs)
      await heal?.()
    }),
  )
  await Promise.all(world.applications.map((application) => application.end()))
}

export function historyOf({ applications, rogue }: World): Operation[] {
  return [...applications.flatMap((application) => operationsOf(application.lines())), ...rogue]
}

/** What is wrong once everybody has ended: what Lockstep says of itself, and what the rows say. */
export async function faultsAfter(world: World): Promise<string[]> {
  const faults: string[] = []
  const db = await world.open()
  try {
    await db.setFlags({ mirror: true })
    await db.caughtUp({ timeoutMs: recoverMs })
    const { quarantine } = await db.status()
    if (quarantine !== 0) faults.push(`there are ${quarantine} rows in quarantine`)
    const report = await db.verify()
    if (!report.equal) faults.push(`verify: ${JSON.stringify(report.differences.slice(0, 5))}`)
  } catch (error) {
    faults.push(`it did not go on: ${String(error)}`)
  } finally {
    await db.close()
  }
  const rows = { sqlite: rowsOfSqlite(world.path), postgres: await rowsOfPostgres(world.url) }
  return [...faults, ...faultsIn(historyOf(world), rows, beginning)]
}

/** One line for people: what was done, how it ended, and what was done to it. */
export function summary(world: World, plan: readonly Entry[]): string {
  const counts = new Map<string, number>()
  for (const { kind, outcome } of historyOf(world)) {
    const key = `${kind} ${outcome}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const said = (map: ReadonlyMap<string, number>): string =>
    [...map]
      .map(([key, count]) => `${key}: ${count}`)
      .toSorted()
      .join(', ')
  return `${plan.length} faults. Operations: ${said(counts)}. Calls: ${said(world.calls)}.`
}

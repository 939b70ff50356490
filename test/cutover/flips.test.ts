import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import type { FlipReport } from '../../src/api.ts'
import { built } from '../support/built.ts'
import { losses, stateOf, type Ledger } from './ledger.ts'
import { startWriters, type Writers } from './process.ts'
import { createRig, until, type Rig } from './rig.ts'

const flips = 20
/** A process takes much longer to start than to flip. */
const flipsByProcesses = 6
let rig: Rig
let running: Writers[] = []

afterEach(async () => {
  await Promise.all(running.map((writers) => writers.kill()))
  running = []
  await rig.close()
})

/** Two processes of 16 writers each; some of their writes wait for both places. */
async function startBoth(): Promise<void> {
  for (const [name, ack] of [
    ['a', 'primary'],
    ['b', 'both'],
  ] as const) {
    running.push(
      await startWriters(rig, {
        name,
        writers: 16,
        restMs: 2,
        options: { flags: { file: `${rig.folder}/${ack}.yaml` } },
      }),
    )
  }
}

async function writeFlags(): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  for (const ack of ['primary', 'both'])
    await writeFile(`${rig.folder}/${ack}.yaml`, `mirror: true\nack: ${ack}\n`)
}

/** Lets every process write some more, so that a flip never meets idle writers. */
async function writeMore(): Promise<void> {
  const before = await Promise.all(running.map((writers) => writers.writes()))
  await until('every process has written', async () => {
    const now = await Promise.all(running.map((writers) => writers.writes()))
    return now.every((writes, index) => writes > (before[index] as number) + 20)
  })
}

function report(pauses: readonly number[], ledgers: readonly Ledger[]): void {
  const sorted = pauses.toSorted((a, b) => a - b)
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number).toFixed(1)
  const writes = ledgers.reduce((sum, ledger) => sum + ledger.writes, 0)
  process.stderr.write(
    `${pauses.length} flips beside ${writes} writes: pause p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms\n`,
  )
}

describe('flips and rollbacks in a row under 32 writers in two processes', () => {
  test('lose no acknowledged write, double none and show the application no error', async () => {
    rig = await createRig()
    await writeFlags()
    const db = await rig.mirrored()
    await startBoth()
    const pauses: number[] = []
    for (let flip = 1; flip <= flips; flip++) {
      await writeMore()
      const moved = flip % 2 === 1 ? await db.flip('postgres') : await db.rollback()
      expect(moved).toMatchObject({ epoch: flip + 1, to: flip % 2 === 1 ? 'postgres' : 'sqlite' })
      pauses.push(moved.pauseMs)
    }
    await writeMore()
    await expectNothingLost(pauses)
  }, 120_000)

  test('are no different when a third process makes each of them and ends', async () => {
    rig = await createRig()
    await writeFlags()
    await (await rig.mirrored()).close()
    await startBoth()
    const pauses: number[] = []
    for (let flip = 1; flip <= flipsByProcesses; flip++) {
      await writeMore()
      const moved = await flipByCommandLine(flip % 2 === 1 ? ['flip', 'postgres'] : ['rollback'])
      expect(moved).toMatchObject({ epoch: flip + 1 })
      pauses.push(moved.pauseMs)
    }
    await writeMore()
    await expectNothingLost(pauses)
  }, 180_000)
})

async function flipByCommandLine(args: string[]): Promise<FlipReport> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [built('bundle/cli.js'), ...args, '--json'],
    {
      cwd: rig.folder,
      env: { ...process.env, DATABASE_URL: rig.url, LOCKSTEP_SQLITE: rig.path },
    },
  )
  return JSON.parse(stdout) as FlipReport
}

async function expectNothingLost(pauses: readonly number[]): Promise<void> {
  const ledgers = await Promise.all(running.map((writers) => writers.stop()))
  running = []
  report(pauses, ledgers)
  const db = await rig.open()
  await db.caughtUp()
  expect(ledgers.flatMap(({ errors }) => errors)).toEqual([])
  expect(ledgers.flatMap(({ unknown }) => unknown)).toEqual([])
  for (const place of ['sqlite', 'postgres'] as const) {
    const state = await stateOf(rig, place)
    expect(losses(state, ledgers)).toEqual([])
    // The check sees a lost write, a doubled one, and one that came too late.
    expect(losses({ ...state, moves: state.moves.slice(1) }, ledgers)).toHaveLength(1)
    expect(
      losses({ ...state, items: [...state.items, ...state.items.slice(0, 1)] }, ledgers),
    ).toHaveLength(1)
    expect(
      losses(
        {
          ...state,
          counters: state.counters.map((row, i) => (i === 0 ? { ...row, n: row.n - 1 } : row)),
        },
        ledgers,
      ),
    ).toHaveLength(1)
  }
  expect(await rig.differences()).toEqual([])
  expect((await db.verify()).equal).toBe(true)
}

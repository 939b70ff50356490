import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pausePoints } from '../../src/core/pause-points.ts'

const run = promisify(execFile)
const model = fileURLToPath(new URL('cutover.pml', import.meta.url))
const maxMs = 110_000

const tools = await Promise.all([run('spin', ['-V']), run('gcc', ['--version'])]).catch(() => null)
if (tools === null)
  process.stderr.write('spin or gcc is not installed: the model of the protocol is not checked.\n')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-model-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Every state that the model can be in; how many there are, and what is violated in one of them. */
async function explore(
  settings: Record<string, number>,
): Promise<{ states: number; faults: string[] }> {
  const cwd = mkdtempSync(join(folder, 'run-'))
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`)
  await run('spin', [...defines, '-a', model], { cwd })
  await run('gcc', ['-O2', '-DSAFETY', '-DCOLLAPSE', '-DMEMLIM=2000', '-o', 'pan', 'pan.c'], {
    cwd,
  })
  const { stdout } = await run('./pan', ['-m100000', '-w22'], { cwd, timeout: maxMs })
  // Where the search was cut short, all that it says is that it has seen nothing yet.
  const faults = stdout.match(/^pan:\d+: .*|^error: .*/gm) ?? []
  const states = Number(/(\d+) states, stored/.exec(stdout)?.[1] ?? 0)
  return { states, faults }
}

const quiet = { DEATHS: 0, RECOVERIES: 0 }
const twoShippers = { WRITES: 2, ROWS: 1, FLIPS: 0, SHIPPERS: 2, ...quiet }

describe.skipIf(tools === null)('the model of the control protocol and the applier', () => {
  test.each([
    ['two writes, a flip, a death, a recovery', { WRITES: 2, FLIPS: 1, DEATHS: 1 }],
    ['two writes, there and back', { WRITES: 2, FLIPS: 2, DEATHS: 0 }],
    ['two processes that ship, and a flip', { WRITES: 1, FLIPS: 1, DEATHS: 0, SHIPPERS: 2 }],
    ['two processes that ship one row twice', twoShippers],
    ['two writers, and a flip', { WRITES: 2, FLIPS: 1, DEATHS: 0, WRITERS: 2 }],
    ['two flips at once, without the lock', { WRITES: 1, FLIPS: 1, FLIPPERS: 2, ...quiet }],
  ])('keeps every acknowledged write and ends with one primary: %s', async (_, settings) => {
    const { states, faults } = await explore(settings)
    expect(faults).toEqual([])
    expect(states).toBeGreaterThan(10_000)
  })

  test.each([
    ['the position is read after the snapshot', 'POSITION_AFTER_SNAPSHOT', twoShippers],
    ['the applier does not look at position and epoch', 'APPLIER_NOT_FENCED', twoShippers],
    [
      'entries are discarded that were not read',
      'DISCARD_WHAT_WAS_NOT_READ',
      { WRITES: 2, FLIPS: 0, ...quiet },
    ],
    ['the flip does not drain', 'NO_DRAIN', { WRITES: 1, FLIPS: 2, ...quiet }],
    [
      'the flip back does not wait for transactions under way',
      'WRITERS_NOT_WAITED_FOR',
      { WRITES: 1, FLIPS: 2, DEATHS: 0 },
    ],
    [
      'a flip is taken back without refusing its commit point',
      'CANCEL_WITHOUT_GUARD',
      { WRITES: 2, FLIPS: 1, DEATHS: 1 },
    ],
    [
      'two attempts have one name',
      'ATTEMPTS_SHARE_A_NAME',
      { WRITES: 1, FLIPS: 1, FLIPPERS: 2, DEATHS: 0 },
    ],
  ])('finds what is lost where %s', async (_, mutant, settings) => {
    const { faults } = await explore({ ...settings, [mutant]: 1 })
    expect(faults).toEqual([expect.stringContaining('assertion violated')])
  })

  test('names its steps as the code does', () => {
    const names = [...readFileSync(model, 'utf8').matchAll(/at\("([^"]+)"\)/g)].map(
      ([, name]) => name,
    )
    expect(names.length).toBeGreaterThan(20)
    expect(
      names.filter((name) => !(pausePoints as readonly string[]).includes(name ?? '')),
    ).toEqual([])
  })
})

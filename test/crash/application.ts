import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PausePoint } from '../../src/core/pause-points.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { built } from '../support/built.ts'
import type { Pair } from './pair.ts'
import type { Operation } from './workload.ts'

/** Calls of the library, with writes of the application at the same time. */
export interface Step {
  readonly call?: string
  readonly args?: readonly unknown[]
  /** Operations by number, one after the other. */
  readonly writes?: readonly number[]
  /** Writes until `enough` is called. */
  readonly endless?: boolean
}

export interface At {
  readonly point: PausePoint
  readonly occurrence: number
  readonly then: 'kill' | 'stop' | 'hold'
  /** The steps behind the one with the point are left out. */
  readonly last?: boolean
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly operations: readonly Operation[]
  readonly at?: At | undefined
  readonly options?: Partial<LockstepOptions>
}

/** One line of a process's log. */
export interface Line {
  readonly ready?: true
  readonly begin?: number
  readonly ack?: number
  readonly fail?: number
  readonly step?: number
  readonly reached?: PausePoint
  readonly counts?: Partial<Record<PausePoint, number>>
  readonly code?: string
  readonly message?: string
}

/** A process of the application under way. */
export interface Application {
  readonly pid: number
  lines(): Line[]
  /** Resolves when a line of the log satisfies `wanted`; fails when the process ends before. */
  until(wanted: (line: Line) => boolean): Promise<Line>
  /** Ends a hold. */
  go(): void
  /** Ends endless writes. */
  enough(): void
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** How it ended: `killed`, `done`, or what it said last. */
  ended(): Promise<string>
}

const program = fileURLToPath(new URL('child.mjs', import.meta.url))
const pollMs = 5
const waitMs = 25_000

export function start(pair: Pair, plan: Plan, name = 'app'): Application {
  built('bundle/index.js')
  const log = join(pair.folder, `${name}.log`)
  const file = join(pair.folder, `${name}.json`)
  const { sqlite, postgres } = pair
  const {
    steps,
    operations: ops,
    at,
    options = { applier: { leaderPollMs: 50, idlePollMs: 1 } },
  } = plan
  writeFileSync(file, JSON.stringify({ sqlite, postgres, log, steps, ops, at, options }))
  const child = spawn(process.execPath, [program, file], { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  // A process that has been killed closes the pipe; there is nobody left to tell.
  child.stdin.on('error', () => undefined)
  const ended = outcomeOf(child, () => said)
  const lines = (): Line[] => readLines(log)
  return {
    pid: child.pid as number,
    lines,
    ended: () => ended,
    go: () => void child.stdin.write('go\n'),
    enough: () => void child.stdin.write('enough\n'),
    signal: (signal) => void child.kill(signal),
    async until(wanted) {
      for (const late = Date.now() + waitMs; ;) {
        const ended = child.exitCode !== null || child.signalCode !== null
        const written = lines()
        const found = written.find(wanted)
        if (found !== undefined) return found
        if (ended || Date.now() > late)
          throw new Error(`The process never came so far: ${lastOf(written)} ${said}`)
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
    },
  }
}

/** Resolves once the process has had so many more writes acknowledged. */
export async function acknowledged(application: Application, more: number): Promise<void> {
  const last = (): number =>
    application.lines().findLast(({ begin }) => begin !== undefined)?.begin ?? -1
  const from = last()
  await application.until(({ ack }) => ack !== undefined && ack >= from + more)
}

async function outcomeOf(child: ChildProcess, said: () => string): Promise<string> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (signal === 'SIGKILL') return 'killed'
  return code === 0 ? 'done' : `exit code ${code}: ${said()}`
}

function lastOf(lines: readonly Line[]): string {
  return JSON.stringify(lines.slice(-8))
}

function readLines(log: string): Line[] {
  if (!existsSync(log)) return []
  const text = readFileSync(log, 'utf8')
  // The last line may be half-written at this moment.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

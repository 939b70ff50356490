import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LockstepOptions } from '../../src/index.ts'
import { built } from '../support/built.ts'
import type { LogLine } from './history/operation.ts'
import { accounts, keys } from './workload.ts'

/** A process of the application with some clients; see client.mjs. */
export interface Application {
  readonly name: string
  readonly pid: number
  /** Calls Lockstep there: `done`, or the code of the error; `gone` where the process died meanwhile. */
  ask(call: string, args: readonly unknown[]): Promise<string>
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** Ends once every client has been told how its last operation ended. */
  end(): Promise<void>
  readonly isGone: boolean
  lines(): LogLine[]
}

export interface ApplicationSettings {
  readonly name: string
  readonly seed: number
  readonly clients: number
  readonly folder: string
  readonly options: LockstepOptions
  readonly env?: Readonly<Record<string, string>>
}

interface Message {
  readonly ready?: true
  readonly ended?: true
  readonly id?: number
  readonly done?: true
  readonly code?: string
}

const program = fileURLToPath(new URL('client.mjs', import.meta.url))
/** A process that stands still, or waits for a server that hangs, goes on within this time once that is over. */
const endMs = 60_000

/** Does not wait until the process works: it may have to wait for a server that is away. */
export function startApplication(settings: ApplicationSettings): Application {
  built('bundle/index.js')
  const { name, folder, env } = settings
  const log = `${folder}/${name}.log`
  const child = fork(program, [JSON.stringify({ ...settings, log, keys, accounts })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
  const waiting = new Map<number, (answer: string) => void>()
  let next = 0
  child.on('message', ({ id = -1, done, code = '' }: Message) => {
    waiting.get(id)?.(done === true ? 'done' : code)
    waiting.delete(id)
  })
  const exited = once(child, 'exit')
  child.once('exit', () => {
    for (const answer of waiting.values()) answer('gone')
  })
  const isGone = (): boolean =>
    child.exitCode !== null || child.signalCode !== null || !child.connected
  const send = (message: object): void => void child.send(message, () => undefined)
  return {
    name,
    pid: child.pid as number,
    ask: (call, args) =>
      new Promise((resolve) => {
        if (isGone()) return resolve('gone')
        const id = next++
        waiting.set(id, resolve)
        return send({ id, call, args })
      }),
    signal: (signal) => void child.kill(signal),
    async end() {
      if (isGone()) return
      send({ call: 'end' })
      let isLate = false
      const timer = setTimeout(() => (isLate = child.kill('SIGKILL')), endMs)
      const [, signal] = (await exited) as [number | null, string | null]
      clearTimeout(timer)
      // The plan may have killed it just now.
      const isKilled = signal === 'SIGKILL' && !isLate
      if (signal !== null && !isKilled) throw new Error(`${name} did not end, but by ${signal}`)
    },
    get isGone() {
      return isGone()
    },
    lines: () => readLines(log),
  }
}

function readLines(log: string): LogLine[] {
  const text = readFileSync(log, { encoding: 'utf8', flag: 'a+' })
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
}

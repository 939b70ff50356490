import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Status } from '../../src/api.ts'
import type { PausePoint } from '../../src/core/pause-points.ts'
import type { LockstepOptions } from '../../src/index.ts'
import { built } from '../support/built.ts'
import type { Ledger } from './ledger.ts'
import { until, type Rig } from './rig.ts'

interface Message {
  readonly ready?: true
  readonly event?: string
  readonly data?: unknown
  readonly status?: Status
  readonly writes?: number
  readonly ledger?: Ledger
  readonly armed?: string
}

/** A process of the application, writing all the time; see writers.mjs. */
export interface Writers {
  readonly child: ChildProcess
  readonly events: { event: string; data: unknown }[]
  status(): Promise<Status>
  /** Stops itself (SIGSTOP) at the next pause point of this name; resolves when it stands. */
  stopAt(point: PausePoint): Promise<void>
  /** Writes acknowledged so far. */
  writes(): Promise<number>
  stop(): Promise<Ledger>
  kill(): Promise<void>
}

export interface WritersSettings {
  readonly name: string
  readonly writers: number
  /** How long each writer rests after a write. */
  readonly restMs?: number
  /** Whether they read as well, and compare what they read with what they wrote. */
  readonly reads?: boolean
  readonly options?: Partial<LockstepOptions>
}

/** Starts writers in a process of their own; resolves when they write. */
export async function startWriters(rig: Rig, settings: WritersSettings): Promise<Writers> {
  const entry = `file://${built('bundle/index.js')}`
  const options = {
    sqlite: { path: rig.path },
    postgres: { connectionString: rig.url },
    ...settings.options,
  }
  const child = fork(
    fileURLToPath(new URL('writers.mjs', import.meta.url)),
    [JSON.stringify({ ...settings, entry, options })],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const events: Writers['events'] = []
  child.on('message', ({ event, data }: Message) => {
    if (event !== undefined) events.push({ event, data })
  })
  const next = (wanted: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve, reject) => {
      const onMessage = (message: Message): void => {
        if (wanted(message)) finish(() => resolve(message))
      }
      const onExit = (): void => finish(() => reject(new Error(`the writers ended: ${stderr}`)))
      const finish = (settle: () => void): void => {
        child.off('message', onMessage)
        child.off('exit', onExit)
        settle()
      }
      child.on('message', onMessage)
      child.on('exit', onExit)
    })
  const ask = (
    question: string,
    wanted: (message: Message) => boolean,
    more: object = {},
  ): Promise<Message> => {
    if (child.exitCode !== null) throw new Error(`the writers ended: ${stderr}`)
    const answer = next(wanted)
    child.send({ ask: question, ...more })
    return answer
  }
  const onStatus = (): Promise<Message> => ask('status', ({ status }) => status !== undefined)
  await next(({ ready }) => ready === true)
  return {
    child,
    events,
    status: async () => (await onStatus()).status as Status,
    async stopAt(point) {
      await ask('arm', ({ armed }) => armed === point, { point })
      await until(`it stands at ${point}`, () => {
        const state = execFileSync('ps', ['-o', 'state=', '-p', String(child.pid)])
        return state.toString().startsWith('T')
      })
    },
    writes: async () => (await onStatus()).writes as number,
    async stop() {
      const exited = once(child, 'exit')
      const { ledger } = await ask('stop', (message) => message.ledger !== undefined)
      await exited
      return ledger as Ledger
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

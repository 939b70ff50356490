import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { PlaceName } from '../../src/place/place.ts'
import { losses, stateOf, type Ledger } from '../cutover/ledger.ts'
import { startWriters, type Writers } from '../cutover/process.ts'
import { createRig, until, type Rig } from '../cutover/rig.ts'
import { built } from '../support/built.ts'

/** A busy test machine needs longer for a flip than an operator would allow. */
const flip = { pauseBudgetMs: 10_000 }

interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `lockstep run --admin`, as a process of its own beside the application. */
export interface AdminProcess {
  readonly url: string
  readonly token: string
  stop(): Promise<void>
}

/** What an operator has in front of them: an application that runs, and a shell in its folder. */
export interface Scene extends AsyncDisposable {
  readonly rig: Rig
  readonly flagsFile: string
  /** The application's process, once it has been started. */
  readonly application: Writers
  startApplication(): Promise<void>
  /** Runs the command line to its end, whatever its exit code. */
  readonly lockstep: (...args: string[]) => Promise<Ended>
  /** The same for one that must succeed; gives what it prints. */
  readonly done: (...args: string[]) => Promise<string>
  serveAdmin(): Promise<AdminProcess>
  /** Lets the application write some more, so that no step meets an idle one. */
  writeMore(): Promise<void>
  /** Ends the application and checks what it was told against what the places hold, read past Lockstep. */
  expectNothingLost(...places: PlaceName[]): Promise<Ledger>
}

export async function createScene(): Promise<Scene> {
  const rig = await createRig()
  const flagsFile = join(rig.folder, 'config', 'flags.yaml')
  const env = { ...process.env, DATABASE_URL: rig.url }
  const servers: AdminProcess[] = []
  let application: Writers | undefined
  const running = (): Writers => {
    if (application === undefined) throw new Error('the application was not started')
    return application
  }
  const command = (args: readonly string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [built('bundle/cli.js'), ...args], { cwd: rig.folder, env })
  const lockstep: Scene['lockstep'] = async (...args) => {
    const child = command(args)
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [exitCode] = (await once(child, 'close')) as [number | null]
    return { exitCode, stdout, stderr }
  }
  return {
    rig,
    flagsFile,
    get application() {
      return running()
    },
    async startApplication() {
      const options = { flags: { file: flagsFile }, flip, applier: { leaderPollMs: 10 } }
      application = await startWriters(rig, {
        name: 'app',
        writers: 4,
        restMs: 20,
        reads: true,
        options,
      })
    },
    lockstep,
    async done(...args) {
      const ended = await lockstep(...args)
      expect({ args, ...ended }).toMatchObject({ exitCode: 0 })
      return ended.stdout
    },
    async serveAdmin() {
      const server = await adminOf(command(['run', '--admin', '127.0.0.1:0']))
      servers.push(server)
      return server
    },
    async writeMore() {
      const before = await running().writes()
      await until('it writes', async () => (await running().writes()) > before + 50, 30_000)
    },
    async expectNothingLost(...places) {
      const ledger = await running().stop()
      expect(ledger.errors).toEqual([])
      for (const place of places) {
        const lost = async (): Promise<string[]> => losses(await stateOf(rig, place), [ledger])
        // The secondary may have the last batch before it.
        await expect.poll(lost, { timeout: 30_000 }).toEqual([])
      }
      return ledger
    },
    async [Symbol.asyncDispose]() {
      await application?.kill()
      for (const server of servers) await server.stop()
      await rig.close()
    },
  }
}

/** What comes before the moves: an operator's first steps, which have no other place than a shell. */
export async function mirror(scene: Scene): Promise<void> {
  await scene.done('init')
  giveTime(scene)
  await scene.startApplication()
  for (const step of [['install'], ['schema', '--apply'], ['backfill']]) await scene.done(...step)
}

/** For the flips of the command line and of the admin server. */
export function giveTime({ rig }: Scene): void {
  appendFileSync(
    join(rig.folder, 'config', 'lockstep.yaml'),
    `\nflip:\n  pauseBudgetMs: ${flip.pauseBudgetMs}\n`,
  )
}

async function adminOf(child: ReturnType<typeof spawn>): Promise<AdminProcess> {
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const exited = once(child, 'close')
  await until('the admin server listens', () => / \(its token is in (.+)\)\n/.test(log), 30_000)
  const [, url = '', file = ''] = /admin: (\S+) \(its token is in (.+)\)/.exec(log) ?? []
  return {
    url,
    token: readFileSync(file, 'utf8').trim(),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await exited
    },
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Mock } from 'vitest'
import type { AuditedRequest, Lockstep, Status } from '../../src/api.ts'
import { assess } from '../../src/steps/assess.ts'
import type { DemoArguments } from '../../src/cli/commands/demo.ts'
import type { Environment } from '../../src/cli/cli.ts'
import { run } from '../../src/cli/run.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { defaultFlags, mergeFlags } from '../../src/route/flags.ts'

export const status: Status = {
  installed: true,
  stage: 'shadow',
  primary: 'sqlite',
  epoch: 3,
  state: 'open',
  postgres: { reachable: true, reason: null },
  lag: { entries: 12, ms: 40 },
  quarantine: 1,
  divergences: 0,
  divergentWrites: 0,
  flags: mergeFlags(defaultFlags, { reads: { tables: { users: 5 } } }),
  flagsRefused: null,
  flagsUnmet: null,
  backfilled: true,
  standstill: null,
  applier: { leader: true, running: true, state: 'idle', reason: null, batches: 4, rows: 9 },
  breaker: 'closed',
  counters: {
    writes: 1,
    reads: { sqlite: 1, postgres: 0 },
    fallbacks: 0,
    fallbackKinds: { off: 0, unwell: 0, behind: 0, failed: 0, untranslated: 0, divergent: 0 },
    degraded: 0,
    held: 0,
    shadow: {
      runs: 0,
      equal: 0,
      transient: 0,
      divergent: 0,
      dropped: 0,
      undecided: 0,
      unknown: 0,
      untranslated: 0,
      ignored: 0,
    },
    rehearsals: {
      batches: 0,
      equal: 0,
      divergent: 0,
      undecided: 0,
      unknown: 0,
      untranslated: 0,
      ignored: 0,
      foreign: 0,
      skipped: 0,
    },
  },
}

const flip = { from: 'sqlite', to: 'postgres', epoch: 4, pauseMs: 12, drained: 7 } as const

type Listener = (data: never) => void
type Called =
  | 'install'
  | 'uninstall'
  | 'planSchema'
  | 'applySchema'
  | 'backfill'
  | 'throttle'
  | 'verify'
  | 'repair'
  | 'status'
  | 'flags'
  | 'setFlags'
  | 'ready'
  | 'advance'
  | 'flip'
  | 'rollback'
  | 'complete'
  | 'quarantine'
  | 'divergences'
  | 'audit'
  | 'close'

interface Fake {
  calls: { [Name in Called]: Mock<Lockstep[Name]> }
  listeners: Map<string, Listener>
  /** What went into the audit log. */
  requests: AuditedRequest[]
  db: Lockstep
}

/** What the commands call, with fixed answers. Any other call of the interface fails the test. */
export function createFake(): Fake {
  const listeners: Fake['listeners'] = new Map()
  const calls: Fake['calls'] = {
    install: vi.fn<Lockstep['install']>(async () => ({
      tables: ['users', 'orders'],
      findings: [],
    })),
    uninstall: vi.fn<Lockstep['uninstall']>(async () => undefined),
    planSchema: vi.fn<Lockstep['planSchema']>(async () => ({
      statements: ['CREATE TABLE users (id bigint)', 'CREATE TABLE orders (id bigint);'],
      findings: [
        {
          level: 'decision',
          code: 'X',
          table: 'users',
          column: 'age',
          rows: 0,
          keys: [],
          message: 'mixed types',
        },
      ],
    })),
    applySchema: vi.fn<Lockstep['applySchema']>(async () => ({
      statements: ['A', 'B'],
      findings: [],
    })),
    backfill: vi.fn<Lockstep['backfill']>(async (options) => {
      options?.onProgress?.({
        phase: 'copy',
        table: 'users',
        rows: 50,
        total: 200,
        rowsPerSecond: 1500,
        timeLeftMs: 100,
        waiting: null,
      })
      return {
        tables: [{ table: 'users', rows: 200, quarantined: 1, ms: 30 }],
        ms: 31,
        findings: [],
      }
    }),
    divergences: vi.fn<Lockstep['divergences']>(async () => []),
    throttle: vi.fn<Lockstep['throttle']>(async () => undefined),
    verify: vi.fn<Lockstep['verify']>(async () => ({
      equal: true,
      tables: [{ table: 'users', rows: 200, equal: true, missing: 0, extra: 0, different: 0 }],
      differences: [],
      problems: [],
    })),
    repair: vi.fn<Lockstep['repair']>(async () => ({ rows: 2, unknown: [] })),
    status: vi.fn<Lockstep['status']>(async () => status),
    flags: vi.fn<Lockstep['flags']>(() => defaultFlags),
    setFlags: vi.fn<Lockstep['setFlags']>(async (patch) => mergeFlags(defaultFlags, patch)),
    ready: vi.fn<Lockstep['ready']>(async () => ({
      ready: true,
      gates: [{ name: 'lag', ok: true, value: 3, bound: 5000, detail: 'ms' }],
    })),
    advance: vi.fn<Lockstep['advance']>(async () => ({
      from: 'shadow',
      to: 'ramp',
      flags: mergeFlags(defaultFlags, { reads: { postgres: 1 } }),
      flip: null,
    })),
    flip: vi.fn<Lockstep['flip']>(async () => flip),
    rollback: vi.fn<Lockstep['rollback']>(async () => ({
      ...flip,
      from: 'postgres',
      to: 'sqlite',
    })),
    quarantine: vi.fn<Lockstep['quarantine']>(async () => [
      { table: 'users', key: '7', column: 'age', reason: 'is text', atMs: 0 },
    ]),
    audit: vi.fn<Lockstep['audit']>(async () => [
      { id: 2, atMs: 0, action: 'requested', detail: { call: 'flip', actor: 'ada' } },
    ]),
    complete: vi.fn<Lockstep['complete']>(async () => undefined),
    close: vi.fn<Lockstep['close']>(async () => undefined),
  }
  const on = (event: string, listener: Listener): (() => boolean) => {
    listeners.set(event, listener)
    return () => listeners.delete(event)
  }
  const requests: AuditedRequest[] = []
  const audited: Lockstep['audited'] = (request, work) => {
    requests.push(request)
    return work()
  }
  return { calls, listeners, requests, db: { ...calls, on, audited } as unknown as Lockstep }
}

export interface Answer {
  exitCode: number
  stdout: string
  stderr: string
}

export interface Shell extends Fake {
  cwd: string
  stop: AbortController
  opened: LockstepOptions[]
  demos: DemoArguments[]
  createLockstep: Mock<Environment['createLockstep']>
  remove(): Promise<void>
  /** @param answer what a person at the terminal says when asked; without it nobody is there. */
  run(line: string | readonly string[], terminal?: boolean, answer?: 'yes' | 'no'): Promise<Answer>
}

/** A directory of its own with a fake database, in which command lines run. */
export async function createShell(
  env: Record<string, string> = { LOCKSTEP_SQLITE: 'app.db' },
): Promise<Shell> {
  const cwd = await mkdtemp(join(tmpdir(), 'lockstep-cli-'))
  const fake = createFake()
  const opened: LockstepOptions[] = []
  const demos: DemoArguments[] = []
  const stop = new AbortController()
  const createLockstep = vi.fn<Environment['createLockstep']>(async (options) => {
    opened.push(options)
    return fake.db
  })
  return {
    cwd,
    stop,
    opened,
    demos,
    createLockstep,
    ...fake,
    remove: () => rm(cwd, { recursive: true, force: true }),
    async run(
      line: string | readonly string[],
      terminal = false,
      answer?: 'yes' | 'no',
    ): Promise<Answer> {
      const args = typeof line === 'string' ? line.split(' ').filter(Boolean) : line
      const written = { stdout: '', stderr: '' }
      const exitCode = await run(args, {
        env,
        cwd,
        stdout: { write: (text) => (written.stdout += text), isTTY: terminal },
        stderr: { write: (text) => (written.stderr += text), isTTY: terminal },
        signal: stop.signal,
        createLockstep,
        assess,
        actor: 'ada',
        doctor: async () => ({
          ok: false,
          checks: [
            {
              place: 'sqlite',
              name: 'journal_mode',
              level: 'wrong',
              value: 'delete',
              detail: 'WAL',
            },
          ],
        }),
        ...(answer === undefined ? {} : { confirm: async () => answer === 'yes' }),
        serveAdmin: () => Promise.reject(new Error('Nothing is served here')),
        archive: () => import('../../src/steps/archive.ts'),
        runDemo: async (options) => {
          demos.push(options)
          written.stdout += '{"ok": true}\n'
          return { ok: (options.seconds ?? 1) < 100 }
        },
      })
      return { exitCode, ...written }
    },
  }
}

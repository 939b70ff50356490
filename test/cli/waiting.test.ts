import { afterEach, beforeEach, expect, test } from 'vitest'
import { createShell, type Shell } from './fake.ts'

let shell: Shell
beforeEach(async () => void (shell = await createShell()))
afterEach(() => shell.remove())

test.each([false, true])('a backfill that waits says why, once, terminal: %s', async (terminal) => {
  const now = {
    phase: 'copy' as const,
    table: null,
    rows: 0,
    total: 2,
    rowsPerSecond: 0,
    timeLeftMs: null,
  }
  const busy = 'PostgreSQL is busy: 7 sessions run a statement'
  shell.calls.backfill.mockImplementation(async (options) => {
    for (const waiting of ['it is throttled to 0 %', busy, null, busy.replace('7', '8')])
      options?.onProgress?.({ ...now, waiting })
    return { tables: [], ms: 1, findings: [] }
  })
  const { stderr } = await shell.run('backfill --json', terminal)
  expect(stderr.match(/waits: [^\n]*/g)).toEqual([
    'waits: it is throttled to 0 %; `lockstep throttle 100` lets it go on',
    `waits: ${busy}`,
  ])
})

test('a command that is stopped says so, and how to go on', async () => {
  shell.calls.backfill.mockImplementation(async () => {
    shell.stop.abort('SIGINT')
    throw shell.stop.signal.reason
  })
  expect(await shell.run('backfill')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'stopped by SIGINT, before it was done\n' +
      'way out: run the command again; a backfill goes on where it was stopped, and a verify with --resume\n',
  })
  const { exitCode, stderr } = await shell.run('backfill --json')
  expect(exitCode).toBe(1)
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'STOPPED' } })
})

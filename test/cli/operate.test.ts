import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { summaryOf } from '../../src/cli/summary.ts'
import { createShell, status } from './fake.ts'
import type { Shell } from './fake.ts'

let shell: Shell
beforeEach(async () => {
  shell = await createShell()
})
afterEach(() => shell.remove())

describe('a change', () => {
  test.each([
    ['flags set mirror=false --reason why', 'flags', { mirror: false }],
    ['flip postgres --force --reason why', 'flip', { to: 'postgres', force: true }],
    ['rollback --reason why', 'rollback', {}],
    ['repair users 7 8 --reason why', 'repair', { table: 'users', keys: 2 }],
    ['complete --reason why', 'complete', {}],
  ])('%s is in the audit log with actor and reason, and without keys', async (line, call, args) => {
    expect((await shell.run(line)).exitCode).toBe(0)
    expect(shell.requests).toEqual([{ call, actor: 'ada', reason: 'why', arguments: args }])
  })

  test.each([
    ['complete', 'complete'],
    ['uninstall', 'uninstall'],
    ['rollback --accept-loss', 'rollback'],
  ] as const)(
    '%s asks on a terminal, and does nothing where the answer is no',
    async (line, call) => {
      const refused = await shell.run(line, true, 'no')
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringContaining('nothing was done'),
      ])
      expect(shell.calls[call]).not.toHaveBeenCalled()
      expect((await shell.run(line, true, 'yes')).exitCode).toBe(0)
      expect((await shell.run(`${line} --yes`, true, 'no')).exitCode).toBe(0)
      expect((await shell.run(line)).exitCode).toBe(0)
      expect(shell.calls[call]).toHaveBeenCalledTimes(3)
    },
  )
})

test('doctor exits with 3 where something is wrong, and says what to do', async () => {
  const { exitCode, stdout } = await shell.run('doctor')
  expect(exitCode).toBe(3)
  expect(stdout).toMatch(/^WRONG +sqlite +journal_mode +delete +WAL$/m)
  expect(JSON.parse((await shell.run('doctor --json')).stdout)).toMatchObject({ ok: false })
})

test('quarantine and audit list what there is, and a terminal obeys nothing of it', async () => {
  shell.calls.quarantine.mockResolvedValue([
    { table: 'a\u001b[2J', key: '7', column: null, reason: 'is text', atMs: 0 },
  ])
  shell.calls.status.mockResolvedValue({ ...status, quarantine: 5 })
  const { stdout } = await shell.run('quarantine')
  expect(stdout).toMatch(/a\\u001b\[2J +7 +1970-01-01T00:00:00\.000Z +is text\n4 more/)
  expect((await shell.run('audit')).stdout).toMatch(
    /^ *2 +1970\S+ +requested +call=flip actor=ada$/m,
  )
})

describe('watch', () => {
  test('draws a screen on a terminal, with stage, gates and audit', async () => {
    const { stdout } = await shell.run('watch --count 2 --interval-ms 1', true)
    expect(stdout.split('\u001B[H\u001B[J')).toHaveLength(3)
    expect(stdout).toContain('off > mirror > [shadow] > ramp')
    expect(stdout).toMatch(/ok {2}lag: 3/)
    expect(stdout).toContain('requested')
  })

  test('writes a line each time where there is none, and ends when it is stopped', async () => {
    const running = shell.run('watch --interval-ms 1')
    await expect.poll(() => shell.calls.status.mock.calls.length).toBeGreaterThan(3)
    shell.stop.abort()
    const { exitCode, stdout } = await running
    expect(exitCode).toBe(0)
    for (const line of stdout.trimEnd().split('\n'))
      expect(line).toMatch(/^\d{4}-\S+Z shadow: mirrors sqlite to postgres: 12 entries behind/)
  })
})

test.each([
  [
    {},
    'mirrors sqlite to postgres: 12 entries behind, for 40 ms; a flip waits for 1 rows in quarantine',
  ],
  [{ lag: { entries: 0, ms: 0 }, quarantine: 0 }, 'mirrors sqlite to postgres: nothing waits'],
  [
    { primary: 'postgres', quarantine: 0 },
    'mirrors postgres to sqlite: 12 entries behind, for 40 ms',
  ],
  [{ installed: false }, 'nothing is installed: run `lockstep install`'],
  [{ backfilled: false }, 'waits for the copy: run `lockstep backfill`'],
  [{ state: 'draining' }, 'flip under way (draining): writes are held'],
  [{ breaker: 'open' }, 'rests after a failure of the secondary; 12 entries wait in the journal'],
  [
    { postgres: { reachable: false, reason: 'x' } },
    'waits for PostgreSQL, which does not answer; 12 entries wait in the journal',
  ],
  [{ stage: 'complete' }, 'done: PostgreSQL goes on alone'],
] as const)('status %j says what it does and what it waits for', (part, line) => {
  expect(summaryOf({ ...status, ...part })).toBe(line)
})

describe('completion', () => {
  test('knows every command, its options and its choices', async () => {
    const { stdout } = await shell.run('completion bash')
    expect(stdout).toMatch(/^ {4}''\) words='init doctor assess .*--config --json --quiet'/m)
    expect(stdout).toMatch(/^ {4}'flags\/set'\) words='--reason --config/m)
    expect(stdout).toMatch(/^ {4}'flip'\) words='postgres sqlite .*--force/m)
    expect((await shell.run('completion fish')).stdout).toContain(
      "complete -c lockstep -n '__fish_seen_subcommand_from flip' -a 'postgres'\n",
    )
    expect((await shell.run('completion zsh')).stdout).toContain('bashcompinit')
  })

  test('completes in a real bash', async () => {
    const { execFileSync } = await import('node:child_process')
    const { stdout: script } = await shell.run('completion bash')
    const complete = (...words: string[]): string[] =>
      execFileSync(
        'bash',
        [
          '-c',
          `${script}COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lockstep; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        { encoding: 'utf8', cwd: shell.cwd },
      )
        .trim()
        .split('\n')
    expect(complete('lockstep', 'fl')).toEqual(['flags', 'flip'])
    expect(complete('lockstep', '--json', 'flags', '')).toEqual(
      expect.arrayContaining(['get', 'set']),
    )
    expect(complete('lockstep', 'flip', 'p')).toEqual(['postgres'])
    expect(complete('lockstep', 'rollback', '--acc')).toEqual(['--accept-loss'])
  })
})

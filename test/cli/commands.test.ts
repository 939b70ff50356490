import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LockstepError } from '../../src/core/errors.ts'
import { projectRoot } from '../support/built.ts'
import { createShell, status } from './fake.ts'
import type { Shell } from './fake.ts'

let shell: Shell
beforeEach(async () => {
  shell = await createShell()
})
afterEach(() => shell.remove())

const everyCommand = [
  'init',
  'install',
  'uninstall',
  'status',
  'flags get',
  'flags set ack=both',
  'schema',
  'schema --apply',
  'backfill',
  'throttle 50%',
  'verify',
  'repair users 1',
  'ready',
  'advance',
  'flip postgres',
  'rollback',
  'complete',
  'quarantine',
  'audit',
  'watch --count 1',
  'completion bash',
  'demo',
]

describe('every command', () => {
  test.each(everyCommand)('%s prints exactly one JSON document with --json', async (line) => {
    for (const args of [`${line} --json`, `--json --quiet ${line}`]) {
      const { exitCode, stdout } = await shell.run(args, true)
      expect([args, exitCode]).toEqual([args, 0])
      expect(typeof JSON.parse(stdout)).toBe('object')
    }
  })

  test.each(everyCommand)('%s says in words what it did', async (line) => {
    const { exitCode, stdout, stderr } = await shell.run(line)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/\w.*\n$/)
    expect(stderr).not.toMatch(/error/)
  })

  test.each(everyCommand.slice(1, -2))(
    '%s closes what it opened, even when it fails',
    async (line) => {
      const failure = new LockstepError('POSTGRES_UNREACHABLE', 'away')
      for (const [name, call] of Object.entries(shell.calls)) {
        if (name === 'close') continue
        call.mockImplementation(() => {
          throw failure
        })
      }
      const { exitCode, stdout, stderr } = await shell.run(line)
      expect([exitCode, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(
        /^error: away\ncode: POSTGRES_UNREACHABLE\nway out: check DATABASE_URL/m,
      )
      expect(shell.calls.close).toHaveBeenCalledTimes(1)
    },
  )
})

describe('divergences', () => {
  test('none at all, and none that is open, are told apart', async () => {
    expect((await shell.run('divergences')).stdout).toBe('no divergence is open\n')
    expect((await shell.run('divergences --all')).stdout).toBe('there is no divergence\n')
  })
})

test('flags set shows on standard error what the flags were found to have', async () => {
  shell.calls.setFlags.mockImplementation(async () => {
    shell.listeners.get('finding')?.({ message: 'there is no zzz' } as never)
    return status.flags
  })
  const { exitCode, stderr } = await shell.run('flags set reads.tables.zzz=5')
  expect([exitCode, stderr]).toEqual([0, 'warning: there is no zzz\n'])
})

describe('arguments', () => {
  test('flags set merges assignments into one patch, values as in YAML', async () => {
    const line =
      'flags set reads.postgres=25 reads.tables.Order.x=5 reads.tables.old=null mirror=false'
    await shell.run(line)
    expect(shell.calls.setFlags).toHaveBeenCalledWith({
      reads: { postgres: 25, tables: { 'Order.x': 5, old: null } },
      mirror: false,
    })
  })

  test.each([
    ['flags set reads.postgres', 'must have the form flag=value', 'USAGE'],
    ['flags set =1', 'must have the form flag=value', 'USAGE'],
    [
      'flags set reads.postgres=250',
      'reads.postgres must be a number from 0 to 100',
      'FLAGS_INVALID',
    ],
    ['flags set reads.postgress=25', 'Did you mean "postgres"?', 'FLAGS_INVALID'],
    ['flags set __proto__.mirror=true', '__proto__ is not a flag', 'FLAGS_INVALID'],
    ['flags set mirror=[', 'mirror must be true or false', 'FLAGS_INVALID'],
    ['flags set', "missing required argument 'assignments'", 'USAGE'],
    ['flip', "missing required argument 'place'", 'USAGE'],
    ['flip mysql', 'Allowed choices are postgres, sqlite', 'USAGE'],
    ['flip postgres --pause-budget-ms 0', 'must be a whole number, at least 1', 'USAGE'],
    ['flip postgres sqlite', 'too many arguments', 'USAGE'],
    ['verify --tables a,,b', 'must be names with commas', 'USAGE'],
    ['repair users [1', 'is not a JSON list', 'USAGE'],
    ['repair users [{}]', 'must hold numbers and text only', 'USAGE'],
    ['stauts', "unknown command 'stauts'\n(Did you mean status?)", 'USAGE'],
    ['status --jsn', "unknown option '--jsn'\n(Did you mean --json?)", 'USAGE'],
  ])('%s exits with 2', async (line, message, code) => {
    const plain = await shell.run(line)
    expect([plain.exitCode, plain.stdout]).toEqual([2, ''])
    expect(plain.stderr).toContain(message)
    expect(plain.stderr).toContain(`code: ${code}`)
    const { exitCode, stdout, stderr } = await shell.run([...line.split(' '), '--json'])
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr).error).toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
    expect(shell.calls.setFlags).not.toHaveBeenCalled()
  })

  test('--version prints the version of the package, and opens nothing', async () => {
    const { version } = JSON.parse(readFileSync(`${projectRoot}package.json`, 'utf8')) as {
      version: string
    }
    const { exitCode, stdout } = await shell.run('--version')
    expect([exitCode, stdout]).toEqual([0, `${version}\n`])
    expect(shell.createLockstep).not.toHaveBeenCalled()
  })

  test('without a command the help is shown and the exit code is 2', async () => {
    const { exitCode, stderr } = await shell.run('')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Usage: lockstep')
    expect(stderr).not.toContain('code:')
  })

  test('advance says where the journey is, under its reason', async () => {
    const { stdout } = await shell.run(['advance', '--reason', 'a quiet night'])
    expect(stdout).toBe('from shadow to ramp; PostgreSQL serves 1 % of the reads\n')
    expect(shell.calls.advance).toHaveBeenCalledWith({})
    expect(shell.requests).toMatchObject([{ call: 'advance', reason: 'a quiet night' }])
  })

  test('flip and rollback pass their options on', async () => {
    await shell.run('flip postgres --pause-budget-ms 250 --force')
    expect(shell.calls.flip).toHaveBeenCalledWith('postgres', { pauseBudgetMs: 250, force: true })
    await shell.run('rollback --accept-loss')
    expect(shell.calls.rollback).toHaveBeenCalledWith({ acceptLoss: true })
    await shell.run('complete --force')
    expect(shell.calls.complete).toHaveBeenCalledWith({ force: true })
  })

  test('repair takes keys of every form, or the whole table', async () => {
    const list = JSON.stringify([7, `x'ff'`, 1.5])
    await shell.run(['repair', 'lines', '007', 'a b', list, '(a, 7)', '1.50', '-0'])
    const keys = [['007'], ['a b'], [7n, `x'ff'`, 1.5], ['(a, 7)'], ['1.50'], ['-0']]
    expect(shell.calls.repair).toHaveBeenCalledWith({ table: 'lines', keys })
    const texts = ['7', '-3', '5.0', `x'00ff'`, '"[1]"', `(CAST(x'ff' AS TEXT), 7)`]
    await shell.run(['repair', 'lines', ...texts])
    const written = texts.map((key) => ({ written: key }))
    expect(shell.calls.repair).toHaveBeenLastCalledWith({ table: 'lines', keys: written })
    await shell.run('repair lines')
    expect(shell.calls.repair).toHaveBeenLastCalledWith({ table: 'lines' })
  })

  test('repair names the keys that no row has, and exits with 1', async () => {
    shell.calls.repair.mockResolvedValue({ rows: 1, unknown: ['404'] })
    const { exitCode, stdout } = await shell.run('repair users 1 404')
    expect(exitCode).toBe(1)
    expect(stdout).toBe(
      '1 row of users was shipped again\nno row of users has the key 404, on either place\n',
    )
    const { stdout: json } = await shell.run('repair users 1 404 --json')
    expect(JSON.parse(json)).toEqual({ table: 'users', rows: 1, unknown: ['404'] })
  })

  test('a table that is not mirrored is wrong usage, with the way out', async () => {
    const unknown = new LockstepError('TABLE_UNKNOWN', 'There is no mirrored table usres')
    shell.calls.repair.mockRejectedValue(unknown)
    shell.calls.verify.mockRejectedValue(unknown)
    for (const line of ['repair usres', 'verify --tables usres']) {
      const { exitCode, stderr } = await shell.run(line)
      expect(exitCode).toBe(2)
      expect(stderr).toMatch(/way out: name one of the tables/)
    }
  })

  test('verify is limited to the tables that are named', async () => {
    await shell.run('verify --tables users,orders')
    expect(shell.calls.verify).toHaveBeenCalledWith(
      expect.objectContaining({ tables: ['users', 'orders'], signal: shell.stop.signal }),
    )
  })

  test('demo refuses a server that is no URL', async () => {
    const { exitCode, stderr } = await shell.run('demo --database-url foo')
    expect([exitCode, shell.demos]).toEqual([2, []])
    expect(stderr).toContain('--database-url (DATABASE_URL) must be a URL such as')
  })

  test('demo passes its figures on and fails when the verdict does', async () => {
    const { exitCode } = await shell.run('demo --seconds 100 --seed 4 --rows 10 --db a.db --json')
    expect(exitCode).toBe(1)
    expect(shell.demos).toEqual([
      { seconds: 100, seed: 4, rows: 10, db: 'a.db', json: true, signal: shell.stop.signal },
    ])
  })
})

describe('words', () => {
  test('a flip to the place that is the primary already says so', async () => {
    const there = { from: 'postgres', to: 'postgres', epoch: 4, pauseMs: 0, drained: 0 } as const
    shell.calls.flip.mockResolvedValue(there)
    const { exitCode, stdout } = await shell.run('flip postgres')
    expect([exitCode, stdout]).toEqual([
      0,
      'postgres is the primary already (epoch 4); nothing was moved\n',
    ])
    shell.calls.rollback.mockResolvedValue({ ...there, from: 'sqlite', to: 'sqlite' })
    expect((await shell.run('rollback')).stdout).toMatch(/^sqlite is the primary already/)
  })

  test('milliseconds are whole for readers and exact for programs', async () => {
    const report = { from: 'sqlite', to: 'postgres', epoch: 4, pauseMs: 12.64, drained: 7 } as const
    shell.calls.flip.mockResolvedValue(report)
    expect((await shell.run('flip postgres')).stdout).toBe(
      'the primary moved from sqlite to postgres (epoch 4); ' +
        'writes waited 13 ms while 7 entries were shipped\n',
    )
    expect(JSON.parse((await shell.run('flip postgres --json')).stdout)).toEqual(report)
  })
})

describe('exit code 3', () => {
  test('verify that finds a difference says which, and the document is complete', async () => {
    const tables = [{ table: 'users', rows: 2, equal: false, missing: 1, extra: 0, different: 0 }]
    const differences = [{ table: 'users', key: '7', column: 'age', class: 'value' as const }]
    const report = { equal: false, tables, differences, problems: [] }
    shell.calls.verify.mockResolvedValue(report)
    const plain = await shell.run('verify')
    expect(plain.exitCode).toBe(3)
    expect(plain.stdout).toContain('value users 7 age\nthe places differ\n')
    const { exitCode, stdout } = await shell.run('verify --json')
    expect([exitCode, JSON.parse(stdout)]).toEqual([3, report])
  })

  test('verify that finds what rows do not show says so, and exits with 3', async () => {
    const problem = { kind: 'sequence', table: 'users', message: 'stands at 5' } as const
    shell.calls.verify.mockResolvedValue({
      equal: true,
      tables: [],
      differences: [],
      problems: [problem],
    })
    const { exitCode, stdout } = await shell.run('verify')
    expect([exitCode, stdout]).toEqual([
      3,
      expect.stringMatching(/sequence users: stands at 5\nboth places are equal\n$/),
    ])
  })

  test('ready that is not names the gate', async () => {
    const gate = { name: 'quarantine', ok: false, value: 2, bound: 0, detail: 'rows' }
    shell.calls.ready.mockResolvedValue({ ready: false, gates: [gate] })
    const { exitCode, stdout } = await shell.run('ready')
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/NO +quarantine +2 +0 +rows\n\nway out of quarantine: .*\nnot ready\n$/)
  })

  const gates = [
    { name: 'mirror', ok: false, value: false, bound: true, detail: 'the flag mirror' },
    { name: 'quarantine', ok: false, value: 2, bound: 0, detail: 'rows' },
  ]

  test('an advance that gates refuse names the way out of each, and nothing that is forced', async () => {
    const details = { gates, step: 'advance' }
    shell.calls.advance.mockRejectedValue(
      new LockstepError('GATE_REFUSED', 'Not ready', { details }),
    )
    const { exitCode, stderr } = await shell.run('advance')
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^way out: mirror: `lockstep flags set mirror=true`; quarantine: /m)
    expect(stderr).not.toContain('--force')
  })

  test('a flip that gates refuse names the way out of each, and --force last', async () => {
    const refusal = new LockstepError('GATE_REFUSED', 'Not ready', { details: { gates } })
    shell.calls.flip.mockRejectedValue(refusal)
    const { exitCode, stderr } = await shell.run('flip postgres')
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(
      /^way out: mirror: `lockstep flags set mirror=true`; quarantine: .*lockstep.quarantine.*; or --force/m,
    )
  })

  test('a refusal that is no gate of ready does not advise --force', async () => {
    shell.calls.complete.mockRejectedValue(
      new LockstepError('GATE_REFUSED', 'SQLite is still the primary: flip to postgres first'),
    )
    const { stderr } = await shell.run('complete')
    expect(stderr).toContain('way out: do as the message says')
    expect(stderr).not.toContain('--force')
  })

  test('every gate has a way out, and ready shows that of those that do not hold', async () => {
    const names = ['postgres', 'mirror', 'backfill', 'schema', 'lag', 'quarantine', 'triggers']
    const all = [...names, 'indexes', 'orphans', 'generated'].map((name) => {
      return { name, ok: false, value: 1, bound: 0, detail: 'because' }
    })
    const one = { name: 'lag', ok: true, value: 0, bound: 0, detail: 'fine' }
    shell.calls.ready.mockResolvedValue({ ready: false, gates: all })
    const { stdout } = await shell.run('ready')
    for (const { name } of all)
      expect(stdout).toMatch(new RegExp(`^way out of ${name}: .{10}`, 'm'))
    shell.calls.ready.mockResolvedValue({ ready: true, gates: [one] })
    expect((await shell.run('ready')).stdout).not.toContain('way out')
  })

  test('a flip that a gate refuses is told with its code and details', async () => {
    const refusal = new LockstepError('GATE_REFUSED', 'lag is 9,000 ms', {
      details: { gate: 'lag' },
    })
    shell.calls.flip.mockRejectedValue(refusal)
    const { exitCode, stdout, stderr } = await shell.run('flip postgres --json')
    expect([exitCode, stdout]).toEqual([3, ''])
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'GATE_REFUSED',
        message: 'lag is 9,000 ms',
        details: { gate: 'lag' },
        wayOut: expect.stringContaining('lockstep ready'),
      },
    })
  })
})

describe('progress', () => {
  test('it overwrites itself on a terminal, on standard error only', async () => {
    const { stdout, stderr } = await shell.run('backfill --json', true)
    expect(stderr).toBe(
      'copy [#####---------------] 25 % users: 50 of about 200 rows, 1,500 rows/s, 1 s left\n',
    )
    expect(JSON.parse(stdout)).toMatchObject({ ms: 31 })
  })

  test('--quiet leaves it out', async () => {
    expect((await shell.run('backfill --quiet', true)).stderr).toBe('')
  })

  test('schema leaves only DDL on standard output', async () => {
    const { stdout, stderr } = await shell.run('schema')
    expect(stdout).toBe('CREATE TABLE users (id bigint);\n\nCREATE TABLE orders (id bigint);\n')
    expect(stderr).toBe('decision: users.age: mixed types\n')
    expect(shell.calls.applySchema).not.toHaveBeenCalled()
  })
})

describe('run', () => {
  test('it ships batches until it is told to stop, and closes in good order', async () => {
    const answer = shell.run('run --json')
    await vi.waitFor(() => expect(shell.listeners.has('breaker')).toBe(true))
    shell.listeners.get('breaker')?.({ state: 'open', reason: 'away' } as never)
    expect(shell.calls.close).not.toHaveBeenCalled()
    shell.stop.abort('SIGTERM')
    const { exitCode, stdout, stderr } = await answer
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { stopped: 'SIGTERM' }])
    expect(stderr).toBe('breaker open: away\n')
    expect(shell.calls.close).toHaveBeenCalledTimes(1)
    expect(shell.opened).toEqual([expect.objectContaining({ applier: { enabled: true } })])
  })

  test('looking does not make a process an applier', async () => {
    for (const line of ['status', 'ready', 'flags get', 'schema']) await shell.run(line)
    expect(shell.opened.map(({ applier }) => applier?.enabled)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

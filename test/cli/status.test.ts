import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createShell, status } from './fake.ts'
import type { Shell } from './fake.ts'

let shell: Shell
beforeEach(async () => {
  shell = await createShell()
})
afterEach(() => shell.remove())

describe('status', () => {
  const postgres = { reachable: false, reason: 'connect ECONNREFUSED 127.0.0.1:5432' }

  test('says that PostgreSQL does not answer, shows no figure of its, and exits with 1', async () => {
    shell.calls.status.mockResolvedValue({ ...status, postgres, quarantine: 0 })
    const { exitCode, stdout } = await shell.run('status')
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^postgres +UNREACHABLE: connect ECONNREFUSED 127.0.0.1:5432$/m)
    expect(stdout).toMatch(/^lag +12 entries, 40 ms$/m)
    expect(stdout).toMatch(/^quarantine +unknown number of rows$/m)
    const document = await shell.run('status --json')
    expect(document.exitCode).toBe(1)
    expect(JSON.parse(document.stdout)).toMatchObject({ stage: 'shadow', postgres })
  })

  test('knows the quarantine of SQLite, and not the journal of PostgreSQL, while that is the primary', async () => {
    const primary = 'postgres'
    shell.calls.status.mockResolvedValue({ ...status, primary, postgres, quarantine: 3 })
    const { stdout } = await shell.run('status')
    expect(stdout).toMatch(/^lag +unknown number of entries, 40 ms$/m)
    expect(stdout).toMatch(/^quarantine +3 rows$/m)
  })
})

test('status shows nothing of a mirror, of reads and of shadows once the migration is complete', async () => {
  shell.calls.status.mockResolvedValue({ ...status, stage: 'complete', primary: 'postgres' })
  const { exitCode, stdout } = await shell.run('status')
  expect([exitCode, stdout.trimEnd().split('\n')]).toEqual([
    0,
    [
      'stage       complete',
      'primary     postgres (epoch 3, open)',
      'postgres    answers',
      'mirror      ended: PostgreSQL goes on alone',
      'now         done: PostgreSQL goes on alone',
    ],
  ])
})

test('status says first of all that nothing is installed, and shows no figures of a mirror', async () => {
  shell.calls.status.mockResolvedValue({ ...status, installed: false, stage: 'off', epoch: 0 })
  const { exitCode, stdout } = await shell.run('status')
  expect([exitCode, stdout.trimEnd().split('\n').slice(0, 4)]).toEqual([
    0,
    [
      'stage       off',
      'installed   no: run `lockstep install`',
      'postgres    answers',
      'mirror      on',
    ],
  ])
  expect(stdout).not.toMatch(/epoch|lag|backfilled|quarantine/)
})

test('status says that the flags ask for another primary, and exits with 0, as all works', async () => {
  const flagsUnmet = 'The flag primary asks for postgres, and sqlite is the primary'
  shell.calls.status.mockResolvedValue({ ...status, flagsUnmet })
  const { exitCode, stdout } = await shell.run('status')
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringContaining(`\nflags       UNMET: ${flagsUnmet}\n`),
  ])
  expect(JSON.parse((await shell.run('status --json')).stdout)).toMatchObject({ flagsUnmet })
})

describe('a flags file that is wrong', () => {
  const flagsRefused = '/srv/flags.yaml: reads.postgres must be a number from 0 to 100, not 200'

  test('is no reason not to start for status and flags, and for nothing else', async () => {
    await mkdir(join(shell.cwd, 'config'))
    const config = 'sqlite: { path: app.db }\nflags: { file: flags.yaml }'
    await writeFile(join(shell.cwd, 'config/lockstep.yaml'), config)
    for (const line of ['status', 'flags get', 'flags set ack=both', 'ready', 'verify'])
      await shell.run(line)
    const asked = shell.opened.map(({ flags }) => (flags as { required?: boolean }).required)
    expect(asked).toEqual([false, false, false, undefined, undefined])
  })

  test('is told by status in the place of the flags, with exit code 2', async () => {
    shell.calls.status.mockResolvedValue({ ...status, flagsRefused })
    const { exitCode, stdout } = await shell.run('status')
    expect(exitCode).toBe(2)
    expect(stdout).toContain(`flags       REFUSED: ${flagsRefused}\n`)
    expect(stdout).toMatch(/^stage +unknown$/m)
    expect(stdout).toMatch(/^primary +sqlite/m)
    expect(stdout).not.toMatch(/^(mirror|reads|shadow|ack)/m)
  })

  test('is told by flags get as the error that it is', async () => {
    shell.calls.status.mockResolvedValue({ ...status, flagsRefused })
    const { exitCode, stdout, stderr } = await shell.run('flags get')
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(
      `error: ${flagsRefused}\ncode: FLAGS_INVALID\nway out: correct the flags`,
    )
  })
})

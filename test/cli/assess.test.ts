import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createShell, type Shell } from './fake.ts'

describe('lockstep assess', () => {
  let shell: Shell
  const write = (name: string, text: string): void => writeFileSync(join(shell.cwd, name), text)
  beforeEach(async () => {
    shell = await createShell({})
    const path = join(shell.cwd, 'app.db')
    const db = new Database(path)
    db.pragma('journal_mode = WAL')
    db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)')
    db.close()
    write('config.yaml', `sqlite: { path: ${path} }\npostgres: { host: localhost, port: 1 }`)
    mkdirSync(join(shell.cwd, 'src'))
    write('src/good.sql', 'SELECT a FROM t WHERE b = ?;')
  })
  afterEach(() => shell.remove())

  const run = (rest: string): ReturnType<Shell['run']> =>
    shell.run(`assess --config config.yaml ${rest}`)

  test('exits with 0 where everything translates, and says how much', async () => {
    const { exitCode, stdout } = await run('--sql src')
    expect(stdout).toContain('100 % of 1 statements in 1 files translate')
    expect(stdout).toContain('PostgreSQL was not asked: it does not answer')
    expect(exitCode).toBe(0)
  })

  test('exits with 3 where something is refused, with its place, the reason and the way out', async () => {
    write('src/bad.ts', "db.prepare(`\n  SELECT datetime(b, 'localtime') FROM t`)")
    const { exitCode, stdout } = await run('--sql src/bad.ts src/good.sql')
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/src\/bad\.ts:2:3 refused \(at 2:10\)\n {2}SELECT datetime/)
    expect(stdout).toContain('keep times in UTC')
    expect(stdout).toMatch(/fingerprint: [\da-f]{16}\n/)
    expect(stdout).toContain('50 % of 2 statements in 2 files translate')
  })

  test('prints one document with --json, and progress on standard error', async () => {
    write('src/bad.sql', 'BEGIN')
    const { exitCode, stdout, stderr } = await shell.run(
      ['--json', 'assess', '--config', 'config.yaml', '--sql', 'src'],
      true,
    )
    expect(exitCode).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      tables: [{ table: 't', rows: 0 }],
      findings: [],
      sql: { statements: [{ verdict: 'decision' }, { verdict: 'translates' }], percent: 50 },
    })
    expect(stderr).toContain('files 2 of 2')
  })

  test('reports the schema alone where no SQL is given', async () => {
    expect(await run('')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/\n1 tables\n$/),
    })
    const db = new Database(join(shell.cwd, 'app.db'))
    db.exec('CREATE VIRTUAL TABLE words USING fts5(word)')
    db.close()
    const { exitCode, stdout } = await run('')
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/^decision: words: a virtual table is not mirrored/m)
  })

  test.each([
    ['--sql nowhere', 'there is no file or folder nowhere'],
    ['--sql src/empty.sql', 'no statements were found in src/empty.sql (1 files)'],
    ['--sql src/none', 'no statements were found in src/none (0 files)'],
    [
      '--sql src/binary',
      'no statements were found in src/binary (1 files); src/binary: It holds NUL',
    ],
    ['--sql', "option '--sql <path...>' argument missing"],
    ['--sgl src', "unknown option '--sgl'"],
  ])('is wrong usage with %s', async (rest, message) => {
    write('src/empty.sql', '-- nothing\n')
    write('src/binary', 'SELECT \0')
    mkdirSync(join(shell.cwd, 'src/none'))
    const { exitCode, stdout, stderr } = await run(rest)
    expect(stderr.replaceAll(/(?:\.\.\/)+.*?\/src/g, 'src')).toContain(message)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  })

  test('needs the file of the configuration', async () => {
    write('config.yaml', 'sqlite: { path: /nowhere/app.db }')
    const { exitCode, stderr } = await run('')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('code: SQLITE_CANTOPEN')
  })
})

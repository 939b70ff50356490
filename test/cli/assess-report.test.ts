import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createShell, type Shell } from './fake.ts'

/** What a name must never become: markup, an attribute, an address, a command of a terminal. */
const hostileNames = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</pre></td></table></body>',
  '<!-- ',
  ']]>',
  '&lt;script&gt;',
  '${alert(1)}',
  ['javascript', 'alert(1)'].join(':'),
  '\u001b[2J\u001b]0;title\u0007',
  '\u202Egnp.exe',
  'line\nbreak',
]

function hostileSchema(): string {
  const tables = hostileNames.map((name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`
    const text = `'${name.replaceAll("'", "''")}'`
    return `CREATE TABLE ${quoted} (id TEXT PRIMARY KEY, ${quoted} DATE DEFAULT ${text}, n INTEGER);
      INSERT INTO ${quoted} VALUES (${text}, '2024-01-01', ${text});
      CREATE VIEW "view ${name.replaceAll('"', '""')}" AS SELECT 1;`
  })
  return tables.join('\n')
}

describe('the report of lockstep assess', () => {
  let shell: Shell
  let path: string
  const fill = (sql: string): void => {
    const db = new Database(path)
    db.pragma('journal_mode = WAL')
    db.exec(sql)
    db.close()
  }
  beforeEach(async () => {
    shell = await createShell({})
    path = join(shell.cwd, 'app.db')
    writeFileSync(
      join(shell.cwd, 'config.yaml'),
      `sqlite: { path: ${path} }\npostgres: { host: localhost, port: 1 }`,
    )
  })
  afterEach(() => shell.remove())

  const run = (...rest: string[]): ReturnType<Shell['run']> =>
    shell.run(['assess', '--config', 'config.yaml', ...rest], true)
  const page = (): string => readFileSync(join(shell.cwd, 'report.html'), 'utf8')

  test('says on a terminal what each column holds and could be, and the configuration for it', async () => {
    fill(`CREATE TABLE users (id INTEGER PRIMARY KEY, born DATE, n INTEGER, seen TEXT);
      INSERT INTO users VALUES (1, '1980-02-29', 7, 'x'), (2, NULL, 'seven', '2024-01-01')`)
    const { exitCode, stdout, stderr } = await run()
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(
      /^users: 2 rows, 4\.1 kB and 0 bytes of indexes \(counted by dbstat\), key id$/m,
    )
    expect(stdout).toMatch(
      /^ {2}born +DATE +numeric +null 1, text 1 +10 bytes of text +date 1 +text +date \(1 proven\)$/m,
    )
    expect(stdout).toMatch(/^columns:\n {2}users\.born: date # 1 value; the form of the values$/m)
    expect(stdout).toMatch(/^ {2}# users\.n: text # would take all rows$/m)
    expect(stdout).toMatch(/^decision: users\.n: 1 row does not fit bigint .*: 2$/m)
    expect(stdout).toMatch(
      /users\.seen could be date, but: 1 value fits, 1 does not \(TEXT in another form\): 1/,
    )
    expect(stdout).toMatch(/journal_mode wal, encoding UTF-8, page_size 4096/)
    expect(stdout).toMatch(/copy: about 1 s for 2 rows[\s\S]*60,000 rows/)
    expect(stderr).toContain('table 1 of 1: users, 0 rows')
  })

  test('is a page that stands alone, with the same in it', async () => {
    fill(
      `CREATE TABLE users (id INTEGER PRIMARY KEY, born DATE); INSERT INTO users VALUES (1, '1980-02-29')`,
    )
    const { exitCode, stdout } = await run('--html', 'report.html')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('1 tables')
    expect(page()).toMatch(/^<!doctype html>/)
    expect(page()).toContain(`default-src &#39;none&#39;`)
    expect(page()).toContain('date (1 proven)')
    expect(page()).not.toMatch(/https?:|src=|href=|url\(|@import/)
  })

  test('has no markup in it that a name or a key has brought along', async () => {
    fill(hostileSchema())
    expect((await run('--html', 'report.html')).exitCode).toBe(3)
    const tags = new Set([...page().matchAll(/<[^>]*>/g)].map(([tag]) => tag))
    const known =
      /^<(?:!doctype html|\/?(?:html|head|title|style|body|h1|h2|p|pre|table|tr|th|td|span)|html lang="en"|meta charset="utf-8" \/|meta http-equiv="Content-Security-Policy" content="[^"<>]*" \/|span class="(?:decision|warning|info)")>$/
    expect([...tags].filter((tag) => !known.test(tag))).toEqual([])
    // Whatever is no tag has no bracket and no quote in it.
    const texts = page()
      .replace(/<style>[^]*?<\/style>/, '')
      .replaceAll(/<[^>]*>/g, '')
    expect(texts).not.toMatch(/[<>"']/)
    expect(texts).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(texts).toContain('&amp;lt;script&amp;gt;')
    expect(texts).toContain('\\u202egnp.exe')
    expect(texts).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
  })

  test('tells a terminal nothing that a name has brought along', async () => {
    fill(hostileSchema())
    const { stdout, stderr } = await run()
    expect(stdout).toContain('\\u001b[2J')
    expect(stdout).toContain('line\\nbreak')
    const progress = stderr.replaceAll('\r\u001b[K', '')
    expect(stdout + progress).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
  })

  test('is one document with --json, in which no figure is lost', async () => {
    fill(`CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL);
      INSERT INTO t VALUES (9007199254740993, 9e999), (1, -9e999)`)
    const { stdout } = await run('--json', '--html', 'report.html')
    const [table] = (JSON.parse(stdout) as { tables: { columns: unknown[] }[] }).tables
    expect(table?.columns).toMatchObject([
      { integers: { min: 1, max: '9007199254740993' } },
      { reals: { min: '-Infinity', max: 'Infinity' } },
    ])
    expect(existsSync(join(shell.cwd, 'report.html'))).toBe(true)
  })

  test('is written over a page, and over nothing else', async () => {
    fill('CREATE TABLE t (id INTEGER PRIMARY KEY)')
    const before = readFileSync(path)
    const refused = await run('--html', 'app.db')
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('is there already and is no page')
    expect(readFileSync(path)).toEqual(before)
    expect((await run('--html', 'report.html')).exitCode).toBe(0)
    expect((await run('--html', 'report.html')).exitCode).toBe(0)
    expect((await run('--html', 'nowhere/report.html')).exitCode).toBe(1)
  })

  test('tells of a file that is not in WAL mode, which is for nobody to decide', async () => {
    fill('CREATE TABLE t (id INTEGER PRIMARY KEY); PRAGMA journal_mode = DELETE')
    const { exitCode, stdout } = await run()
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^NO +journal_mode +delete/m)
    expect(stdout).toMatch(/^warning: journal_mode is delete/m)
  })
})

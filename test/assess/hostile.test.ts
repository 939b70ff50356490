import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { maxFileBytes } from '../../src/assess/read-file.ts'
import { createFile, type AssessedFile } from './shop.ts'

/** To root nothing is closed, so then the work is done as nobody. */
async function withoutRights<T>(work: () => Promise<T>): Promise<T> {
  const own = process.geteuid?.()
  if (own !== 0) return work()
  process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    process.seteuid?.(own)
  }
}

describe('reading statements', () => {
  let file: AssessedFile
  let folder: string
  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  beforeEach(() => {
    file = createFile()
    folder = join(file.folder, 'src')
    mkdirSync(folder)
  })
  afterEach(() => file[Symbol.dispose]())

  test.each([
    ['binary data', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]), /NUL bytes/],
    ['text in UTF-16', Buffer.from('SELECT 1', 'utf16le'), /NUL bytes/],
    ['broken UTF-8', Buffer.from([0x53, 0xc3, 0x28]), /no text in UTF-8/],
    ['more than is read', Buffer.alloc(maxFileBytes + 1, 32), /more than the 16777216/],
  ])('tells a file of %s, and reads the others', async (_, content, reason) => {
    const bad = write('bad.sql', content)
    write('good.sql', 'SELECT id FROM users;')
    const { statements, unread } = await file.statements([folder])
    expect(statements).toHaveLength(1)
    expect(unread).toEqual([{ file: bad, reason: expect.stringMatching(reason) }])
  })

  test('tells a folder and a file that may not be read, and reads the others', async () => {
    mkdirSync(join(folder, 'closed'))
    write('closed/a.sql', 'SELECT id FROM users')
    write('good.sql', 'SELECT id FROM users')
    chmodSync(write('secret.sql', 'SELECT id FROM users'), 0)
    chmodSync(join(folder, 'closed'), 0)
    for (const path of [file.folder, folder]) chmodSync(path, 0o755)
    const { statements, unread } = await withoutRights(() => file.statements([folder]))
    expect(statements).toHaveLength(1)
    expect(unread.map((each) => `${each.file} ${each.reason.split(':')[0]}`)).toEqual([
      `${join(folder, 'closed')} EACCES`,
      `${join(folder, 'secret.sql')} EACCES`,
    ])
  })

  test('ends where symbolic links go round, and reads each file once', async () => {
    write('a.sql', 'SELECT id FROM users')
    symlinkSync(folder, join(folder, 'again'))
    symlinkSync(join(folder, 'a.sql'), join(folder, 'b.sql'))
    symlinkSync('self.sql', join(folder, 'self.sql'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.sql'))
    const { statements, unread } = await file.statements([folder, `${folder}/.`])
    expect(statements).toHaveLength(1)
    expect(unread.map(({ reason }) => reason.split(':')[0])).toEqual(['ENOENT', 'ELOOP'])
  })

  test('leaves out what was installed and what is hidden, unless it is named', async () => {
    for (const name of ['node_modules', '.git']) {
      mkdirSync(join(folder, name))
      write(`${name}/a.sql`, 'SELECT id FROM users')
    }
    write('notes.txt', 'SELECT id FROM users')
    expect((await file.statements([folder])).files).toBe(0)
    expect((await file.statements([join(folder, '.git'), join(folder, 'notes.txt')])).files).toBe(2)
  })

  test('takes a line of one megabyte, in a script and in a program', async () => {
    const rows = Array.from({ length: 40_000 }, (_, id) => `(${id}, 'a@example.com ${id}')`)
    const insert = `INSERT INTO users (id, email) VALUES ${rows.join(', ')}`
    expect(insert.length).toBeGreaterThan(1_000_000)
    write('long.sql', insert)
    write('long.js', `db.exec("${insert}"); var x = "${'y'.repeat(1_000_000)}"`)
    const start = performance.now()
    const { statements } = await file.statements([folder])
    expect(statements).toHaveLength(2)
    expect(performance.now() - start).toBeLessThan(60_000)
  })

  test('takes no longer for comments and words without end', async () => {
    write(
      'words.js',
      `db.exec("${'/**/ '.repeat(50_000)}x"); db.exec("${'with '.repeat(200_000)}")`,
    )
    write('insert.js', `const a = "${'insert or update '.repeat(50_000)}"`)
    const start = performance.now()
    const { statements, unread } = await file.statements([folder])
    expect([statements, unread]).toEqual([[], []])
    expect(performance.now() - start).toBeLessThan(30_000)
  })

  test('takes what nests deep for a statement or a file that cannot be read', async () => {
    write('deep.sql', `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)} FROM users`)
    write('deep.ts', `const a = ${'['.repeat(20_000)}1${']'.repeat(20_000)}`)
    write('sum.ts', `db.exec(${Array.from({ length: 1000 }, () => "'SELECT '").join(' + ')})`)
    const { statements, unread, unreadable } = await file.statements([folder])
    expect(statements.map(({ verdict }) => verdict)).toEqual(['decision'])
    expect(unread).toEqual([
      { file: join(folder, 'deep.ts'), reason: expect.stringMatching(/stack/) },
    ])
    expect(unreadable).toEqual([])
  })

  test('judges wrong SQL in a script, and goes on behind it', async () => {
    write(
      'wrong.sql',
      "SELEC 1; SELECT 'a' FROM; SELECT id FROM users; \uFEFF.mode csv;; /* */ SELECT #",
    )
    const { statements } = await file.statements([folder])
    expect(statements.map(({ verdict, sql }) => `${verdict} ${sql}`)).toEqual([
      'decision SELEC 1',
      "decision SELECT 'a' FROM",
      'translates SELECT id FROM users',
      expect.stringMatching(/^decision .*mode csv/),
      'decision SELECT #',
    ])
  })

  test('counts lines and columns behind any line break and byte order mark', async () => {
    write('lines.sql', '\uFEFF-- ünï 😀\r\n\r\n  SELECT id FROM users;\r\n\tSELECT x FROM users')
    write(
      'lines.ts',
      'db.exec(`\r\n\\u{53}\\x45LECT id FROM users;\r\n  \\\r\nSELECT x FROM users`)',
    )
    const { statements } = await file.statements([folder])
    expect(statements.map(({ line, column, sql }) => `${line}:${column} ${sql}`)).toEqual([
      '3:3 SELECT id FROM users',
      '4:2 SELECT x FROM users',
      '2:1 SELECT id FROM users',
      '4:1 SELECT x FROM users',
    ])
  })

  test('ends when it is told to', async () => {
    write('a.sql', 'SELECT id FROM users')
    const { assess } = await import('../../src/steps/assess.ts')
    const settings = { sql: [folder], signal: AbortSignal.abort(new Error('enough')) }
    await expect(assess({ sqlite: { path: file.path } }, settings)).rejects.toThrow('enough')
  })
})

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import { backup, restore } from '../../src/steps/archive.ts'
import { built } from '../support/built.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { createFolder, logTable, type Folder } from './file.ts'

const keeper = fileURLToPath(new URL('keeper.mjs', import.meta.url))
const options = (path: string): Parameters<typeof restore>[0] => ({ sqlite: { path } })

/** A backup of a log with one row, and a second row since. */
async function withBackup(folder: Folder): Promise<string> {
  folder.db.exec(`INSERT INTO log VALUES ('a', 1, 'kept')`)
  await backup(options(folder.file), { file: folder.at('copy.db') })
  folder.db.exec(`INSERT INTO log VALUES ('a', 2, 'since then')`)
  return folder.at('copy.db')
}

function rowsOf(path: string): unknown {
  const db = new Database(path, { fileMustExist: true })
  try {
    return db.prepare('SELECT n FROM log ORDER BY n').pluck().all()
  } finally {
    db.close()
  }
}

function journalModeOf(path: string): unknown {
  const db = new Database(path, { fileMustExist: true })
  try {
    return db.pragma('journal_mode', { simple: true })
  } finally {
    db.close()
  }
}

describe('a restore', () => {
  test('puts the backup in place byte for byte, and keeps the file of before', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.close()
    const report = await restore(options(folder.file), { file })
    expect(readFileSync(folder.file).equals(readFileSync(file))).toBe(true)
    expect(report).toMatchObject({
      target: folder.file,
      meaning: null,
      tables: [{ table: 'log', rows: 1 }],
    })
    expect(rowsOf(folder.file)).toEqual([1])
    expect(rowsOf(report.previous ?? '')).toEqual([1, 2])
    expect(folder.others()).toHaveLength(3)
  })

  test('takes the WAL of a killed process with the file that it belongs to', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    for (const end of ['', '-wal', '-shm'])
      copyFileSync(`${folder.file}${end}`, `${folder.at('killed.db')}${end}`)
    const { previous } = await restore(options(folder.at('killed.db')), { file })
    expect(rowsOf(folder.at('killed.db'))).toEqual([1])
    expect(rowsOf(previous ?? '')).toEqual([1, 2])
  })

  test('makes the file where there is none', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    expect(await restore(options(folder.at('new.db')), { file })).toMatchObject({ previous: null })
    expect(rowsOf(folder.at('new.db'))).toEqual([1])
  })

  test('gives the file the rights of the one of before, and goes to where a link leads', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.close()
    chmodSync(folder.file, 0o640)
    symlinkSync(folder.file, folder.at('link.db'))
    const { target } = await restore(options(folder.at('link.db')), { file })
    expect(target).toBe(realpathSync(folder.file))
    expect(statSync(folder.file).mode & 0o777).toBe(0o640)
    expect(lstatSync(folder.at('link.db')).isSymbolicLink()).toBe(true)
    expect(rowsOf(folder.file)).toEqual([1])
  })

  test('takes the WAL of a file that is gone out of the way', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    const lost = folder.at('lost.db')
    for (const end of ['-wal', '-shm']) copyFileSync(`${folder.file}${end}`, `${lost}${end}`)
    await expect(restore(options(lost), { file })).rejects.toMatchObject({ code: 'FILE_IN_USE' })
    rmSync(`${lost}-shm`)
    await restore(options(lost), { file })
    expect(rowsOf(lost)).toEqual([1])
  })

  test('takes the place of a file that is damaged', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.close()
    writeFileSync(folder.file, Buffer.alloc(8192, 0x5a))
    const { previous } = await restore(options(folder.file), { file })
    expect(rowsOf(folder.file)).toEqual([1])
    expect(readFileSync(previous ?? '')).toEqual(Buffer.alloc(8192, 0x5a))
  })
})

test('a process that is killed in the middle of a restore leaves the one file or the other', async () => {
  using folder = createFolder(logTable, { rows: 40_000 })
  const file = await withBackup(folder)
  folder.db.close()
  for (const waitMs of [0, 20, 60, 120, 200]) {
    const child = spawn(process.execPath, [built('bundle/cli.js'), 'restore', file], {
      cwd: folder.path,
      env: { LOCKSTEP_SQLITE: 'app.db' },
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    const isAtWork = (): boolean => folder.others().some((name) => name.includes('.partial-'))
    await vi.waitFor(() => expect(isAtWork()).toBe(true), { timeout: 20_000, interval: 1 })
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    child.kill('SIGKILL')
    await ended
    expect([40_001, 40_002]).toContain((rowsOf(folder.file) as number[]).length)
  }
  await restore(options(folder.file), { file })
  expect(rowsOf(folder.file)).toHaveLength(40_001)
  expect(folder.others().filter((name) => name.includes('.partial-'))).toEqual([])
})

describe('a file that somebody has open is not replaced', () => {
  const refused = async (folder: Folder, file: string): Promise<void> => {
    const before = folder.others()
    await expect(restore(options(folder.file), { file, force: true })).rejects.toMatchObject({
      code: 'FILE_IN_USE',
    })
    expect(folder.others()).toEqual(before)
  }

  test.each([
    ['WAL', 'idle'],
    ['DELETE', 'reading'],
  ])('by another process, in mode %s, %s', async (mode, how) => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.pragma(`journal_mode = ${mode}`)
    folder.db.close()
    const child = fork(keeper, [folder.file, how])
    await once(child, 'message')
    await refused(folder, file)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    await restore(options(folder.file), { file })
    expect(rowsOf(folder.file)).toEqual([1])
  })

  test('by this process', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    await refused(folder, file)
    expect(rowsOf(folder.file)).toEqual([1, 2])
  })

  test('where it is damaged, and only the files beside it speak of a process', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.close()
    writeFileSync(folder.file, Buffer.alloc(8192, 0x5a))
    writeFileSync(`${folder.file}-shm`, '')
    await refused(folder, file)
    rmSync(`${folder.file}-shm`)
    await restore(options(folder.file), { file })
    expect(rowsOf(folder.file)).toEqual([1])
  })
})

describe('a copy of a live file, without a manifest', () => {
  test.each(['-wal', '-journal'])('is not restored without its %s', async (end) => {
    using folder = createFolder(logTable)
    const file = folder.at('by-hand.db')
    folder.db.pragma('wal_checkpoint(TRUNCATE)')
    copyFileSync(folder.file, file)
    folder.db.exec(`INSERT INTO log VALUES ('a', 1, 'in the WAL')`)
    copyFileSync(`${folder.file}-wal`, `${file}${end}`)
    folder.db.close()
    const before = readFileSync(folder.file)
    await expect(restore(options(folder.file), { file, force: true })).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
      message: expect.stringContaining('.backup whole.db') as string,
    })
    expect(readFileSync(folder.file).equals(before)).toBe(true)
  })

  test('is restored once it is one file', async () => {
    using folder = createFolder(logTable)
    for (const end of ['', '-wal']) copyFileSync(`${folder.file}${end}`, folder.at(`copy.db${end}`))
    const copy = new Database(folder.at('copy.db'))
    await copy.backup(folder.at('whole.db'))
    copy.close()
    folder.db.exec(`INSERT INTO log VALUES ('a', 1, 'since then')`)
    folder.db.close()
    await restore(options(folder.file), { file: folder.at('whole.db'), force: true })
    expect(rowsOf(folder.file)).toEqual([])
  })
})

describe('a backup that is not what its manifest says is refused, and nothing is changed', () => {
  const damages: Record<string, (file: string) => void> = {
    'one byte is another': (file) => {
      const content = readFileSync(file)
      content[5000] = (content[5000] ?? 0) ^ 1
      writeFileSync(file, content)
    },
    'it was cut off': (file) => truncateSync(file, 4096),
    'it is not there': (file) => rmSync(file),
    'its manifest is not there': (file) => rmSync(`${file}.manifest.json`),
    'its manifest is no manifest': (file) => writeFileSync(`${file}.manifest.json`, '{}'),
    'its manifest is no JSON': (file) => writeFileSync(`${file}.manifest.json`, 'x'),
  }
  test.each(Object.entries(damages))('%s', async (_, damage) => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.close()
    damage(file)
    const before = folder.others()
    await expect(restore(options(folder.file), { file })).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
    })
    expect(folder.others()).toEqual(before)
    expect(rowsOf(folder.file)).toEqual([1, 2])
    expect(journalModeOf(folder.file)).toBe('wal')
  })

  test('without a manifest it can be forced, where SQLite finds the file sound', async () => {
    using folder = createFolder(logTable)
    const file = await withBackup(folder)
    folder.db.close()
    rmSync(`${file}.manifest.json`)
    await restore(options(folder.file), { file, force: true })
    expect(rowsOf(folder.file)).toEqual([1])
    truncateSync(file, 4096)
    await expect(restore(options(folder.file), { file, force: true })).rejects.toMatchObject({
      code: 'SQLITE_CORRUPT',
    })
    writeFileSync(file, 'no database, for it is not long enough to be one, and has another head')
    await expect(restore(options(folder.file), { file, force: true })).rejects.toMatchObject({
      code: 'SQLITE_NOTADB',
    })
    expect(rowsOf(folder.file)).toEqual([1])
  })
})

describe('a restore into a move', () => {
  const schema =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada')"
  const inTheWay = async (pair: Pair): Promise<string> => {
    const file = `${pair.path}.backup`
    await pair.db.backup({ file })
    await pair.db.run(`UPDATE users SET name = 'Grace' WHERE id = 1`)
    await pair.db.caughtUp()
    await pair.db.close()
    pair.sqlite.close()
    return file
  }

  test('is refused unless forced, is recorded, and says what it means', async () => {
    await using pair = await openPair({ schema })
    const file = await inTheWay(pair)
    await expect(restore(options(pair.path), { file })).rejects.toMatchObject({
      code: 'GATE_REFUSED',
    })
    expect(journalModeOf(pair.path)).toBe('wal')
    const { meaning, lockstep } = await restore(options(pair.path), { file, force: true })
    expect(lockstep).toMatchObject({ epoch: 1, primary: 'sqlite', state: 'open', completed: false })
    expect(meaning).toContain('PRIMARY_REWOUND')
    const db = new Database(pair.path)
    expect(db.prepare('SELECT name FROM users').pluck().all()).toEqual(['Ada'])
    const audit = db
      .prepare(`SELECT detail FROM _lockstep_audit WHERE action = 'restore'`)
      .pluck()
      .all()
    expect(audit.map((detail) => JSON.parse(detail as string) as unknown)).toMatchObject([{ file }])
    db.close()
  })

  test('of a file from before the install says so', async () => {
    await using pair = await openPair({ schema, stage: 'plain' })
    const file = `${pair.path}.backup`
    await pair.db.backup({ file })
    await pair.db.install()
    await pair.db.close()
    pair.sqlite.close()
    const { meaning } = await restore(options(pair.path), { file, force: true })
    expect(meaning).toContain('from before `lockstep install`')
  })

  test('of a mirror says that PostgreSQL is ahead', async () => {
    await using pair = await openPair({ schema, stage: 'flipped' })
    await pair.db.caughtUp()
    const file = `${pair.path}.backup`
    const { mirror, lockstep } = await pair.db.backup({ file })
    expect(lockstep).toMatchObject({ primary: 'postgres', epoch: 2 })
    expect(mirror).toMatchObject({ entriesBehind: 0 })
    expect(Date.now() - Date.parse(mirror?.everythingUpTo ?? '')).toBeLessThan(60_000)
    rmSync(`${file}.manifest.json`)
    rmSync(file)
    expect(existsSync(file)).toBe(false)
    await pair.db.backup({ file })
    await pair.db.close()
    pair.sqlite.close()
    const { meaning } = await restore(options(pair.path), { file, force: true })
    expect(meaning).toContain('PostgreSQL was the primary when the backup was made')
  })
})

import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import { backup } from '../../src/steps/archive.ts'
import type { BackupManifest } from '../../src/move/backup-manifest.ts'
import { copyDatabase } from '../../src/sqlite/copy-database.ts'
import { built } from '../support/built.ts'
import { createFolder, fillLog, logTable, type Folder } from './file.ts'

const hammer = fileURLToPath(new URL('hammer.mjs', import.meta.url))

const options = (folder: Folder): Parameters<typeof backup>[0] => ({
  sqlite: { path: folder.file },
})

function manifestOf(file: string): BackupManifest {
  return JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8')) as BackupManifest
}

function read<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file, { fileMustExist: true })
  try {
    return work(db)
  } finally {
    db.close()
  }
}

interface Writer {
  /** The last number whose commit has returned. */
  readonly acknowledged: () => number
  stop(): Promise<void>
}

async function startWriter(file: string, name: string): Promise<Writer> {
  const child = spawn(process.execPath, [hammer, file, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    last = Number(text.trim().split('\n').at(-1))
  })
  await vi.waitFor(() => expect(last).toBeGreaterThan(20), { timeout: 20_000 })
  return {
    acknowledged: () => last,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

describe('a backup', () => {
  test('under writers holds a prefix of the acknowledged writes of each, and is sound', async () => {
    using folder = createFolder(logTable, { rows: 20_000 })
    const writers = await Promise.all([
      startWriter(folder.file, 'a'),
      startWriter(folder.file, 'b'),
    ])
    const before = writers.map((writer) => writer.acknowledged())
    const report = await backup(options(folder), { file: folder.at('copy.db') })
    const after = writers.map((writer) => writer.acknowledged())
    await Promise.all(writers.map((writer) => writer.stop()))
    read(folder.at('copy.db'), (db) => {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
      for (const [index, writer] of ['a', 'b'].entries()) {
        const [count, last] = db
          .prepare('SELECT count(*), max(n) FROM log WHERE writer = ?')
          .raw()
          .get(writer) as [number, number]
        expect(count).toBe(last)
        expect(last).toBeGreaterThanOrEqual(before[index] ?? 0)
        // A write may have been committed whose number was not printed yet.
        expect(last).toBeLessThanOrEqual((after[index] ?? 0) + 1000)
      }
      const rows = db.prepare('SELECT count(*) FROM log').pluck().get()
      expect(report.tables).toEqual([{ table: 'log', rows }])
    })
  })

  test('has a manifest that says what it holds', async () => {
    using folder = createFolder(`PRAGMA user_version = 7; ${logTable};
      CREATE TABLE parents (id INTEGER PRIMARY KEY);
      CREATE TABLE children (parent INTEGER REFERENCES parents (id));
      PRAGMA foreign_keys = OFF; INSERT INTO children VALUES (1), (2)`)
    const report = await backup(options(folder), { file: folder.at('copy.db') })
    const content = readFileSync(folder.at('copy.db'))
    expect(manifestOf(folder.at('copy.db'))).toEqual({
      format: 'lockstep-backup',
      version: 1,
      file: 'copy.db',
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      sqliteVersion: folder.db.prepare('SELECT sqlite_version()').pluck().get(),
      userVersion: 7,
      schemaVersion: 3,
      tables: [
        { table: 'children', rows: 2 },
        { table: 'log', rows: 0 },
        { table: 'parents', rows: 0 },
      ],
      integrity: 'ok',
      unchecked: [],
      foreignKeys: [{ table: 'children', rows: 2 }],
      lockstep: null,
      mirror: null,
      postgres: null,
    })
    expect(report).toMatchObject({ path: folder.at('copy.db') })
    const versionOf = (db: Database.Database): unknown => db.pragma('schema_version')
    expect(read(folder.at('copy.db'), versionOf)).toEqual(versionOf(folder.db))
    expect(folder.others()).toEqual(['copy.db', 'copy.db.manifest.json'])
  })

  test('is not begun anew by commits of others, as it would be without a snapshot', async () => {
    using folder = createFolder(logTable, { rows: 20_000 })
    const insert = folder.db.prepare(`INSERT INTO log VALUES ('another', 1, '')`)
    const source = new Database(folder.file, { readonly: true })
    const turns: number[] = []
    const without = source.backup(folder.at('without.db'), {
      progress({ totalPages, remainingPages }) {
        turns.push(totalPages - remainingPages)
        insert.run()
        if (turns.length > 20) throw new Error('no end')
        return 512
      },
    })
    await expect(without).rejects.toThrow('no end')
    expect(Math.max(...turns)).toBe(512)
    source.close()

    const done: number[] = []
    let isOver = false
    const keepWriting = async (): Promise<void> => {
      while (!isOver) {
        insert.run()
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const writing = keepWriting()
    await copyDatabase(
      { source: folder.file, file: folder.at('with.db'), busyTimeoutMs: 0, timeoutMs: 60_000 },
      { signal: undefined, onProgress: (progress) => done.push(progress.done) },
    )
    isOver = true
    await writing
    expect(done.length).toBeGreaterThan(4)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  })

  test('may be read by nobody but its owner, whoever may read its source', async () => {
    using folder = createFolder(logTable)
    chmodSync(folder.file, 0o644)
    await backup(options(folder), { file: folder.at('copy.db') })
    for (const name of ['copy.db', 'copy.db.manifest.json'])
      expect([name, statSync(folder.at(name)).mode & 0o777]).toEqual([name, 0o600])
  })

  test('is one JSON document with --json, and the same in words', async () => {
    using folder = createFolder(logTable, { rows: 3 })
    const said = await folder.lockstep('backup copy.db --json')
    expect(JSON.parse(said.stdout)).toMatchObject({ path: folder.at('copy.db'), integrity: 'ok' })
    expect(await folder.lockstep('backup second.db')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^log +3$[\s\S]*sound, sha256 [\da-f]{64}$/m) as string,
      stderr: '',
    })
  })

  test('that takes too long ends, and leaves nothing', async () => {
    using folder = createFolder(logTable, { rows: 20_000 })
    await expect(
      backup(options(folder), { file: folder.at('copy.db'), timeoutMs: 1 }),
    ).rejects.toMatchObject({ code: 'BACKUP_TIMEOUT' })
    expect(folder.others()).toEqual([])
  })

  test('that is stopped leaves nothing', async () => {
    using folder = createFolder(logTable, { rows: 20_000 })
    const stop = new AbortController()
    const running = backup(options(folder), {
      file: folder.at('copy.db'),
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('stopped')),
    })
    await expect(running).rejects.toThrow('stopped')
    expect(folder.others()).toEqual([])
  })

  test('names what only the functions of the application could check', async () => {
    using folder = createFolder(logTable)
    folder.db.function('twice', { deterministic: true }, (value) => Number(value) * 2)
    folder.db.exec(
      `CREATE TABLE doubled (n INTEGER CHECK (twice(n) > 0)); INSERT INTO doubled VALUES (1)`,
    )
    const { unchecked, tables } = await backup(options(folder), { file: folder.at('copy.db') })
    expect(unchecked).toEqual([{ table: 'doubled', reason: 'unknown function: twice()' }])
    expect(tables).toContainEqual({ table: 'doubled', rows: 1 })
  })
})

describe('a process that is killed in the middle of a backup', () => {
  test('leaves nothing at the target, and the next run takes away what it left', async () => {
    using folder = createFolder(logTable, { rows: 60_000 })
    const isPartial = (name: string): boolean => name.startsWith('.copy.db.partial-')
    for (const waitMs of [0, 20, 60, 120]) {
      const child = startBackup(folder)
      await vi.waitFor(() => expect(folder.others().some(isPartial)).toBe(true), {
        timeout: 20_000,
        interval: 1,
      })
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      expect(existsSync(folder.at('copy.db'))).toBe(false)
    }
    expect(folder.others().filter(isPartial)).not.toEqual([])
    await backup(options(folder), { file: folder.at('copy.db') })
    expect(folder.others()).toEqual(['copy.db', 'copy.db.manifest.json'])
    expect(
      read(folder.at('copy.db'), (db) => db.prepare('SELECT count(*) FROM log').pluck().get()),
    ).toBe(60_000)
  })

  test('between the manifest and the backup does not stand in the way of the next', async () => {
    using folder = createFolder(logTable)
    await backup(options(folder), { file: folder.at('first.db') })
    writeFileSync(
      folder.at('copy.db.manifest.json'),
      readFileSync(folder.at('first.db.manifest.json')),
    )
    await backup(options(folder), { file: folder.at('copy.db') })
    expect(manifestOf(folder.at('copy.db')).file).toBe('copy.db')
  })

  test('is told from one that is still at work, for which the next waits', async () => {
    using folder = createFolder(logTable)
    const alive = folder.at(`.copy.db.partial-${process.ppid}-0`)
    writeFileSync(alive, 'of a process that runs')
    const next = (): Promise<unknown> => backup(options(folder), { file: folder.at('copy.db') })
    await expect(next()).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    expect(existsSync(alive)).toBe(true)
    rmSync(alive)
    const both = await Promise.allSettled([next(), next()])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(folder.others()).toEqual(['copy.db', 'copy.db.manifest.json'])
  })

  test('may have had the number of the process that runs now', async () => {
    using folder = createFolder(logTable)
    for (let n = 0; n < 200; n++)
      writeFileSync(folder.at(`.copy.db.partial-${process.pid}-${n}`), 'of a killed process')
    await backup(options(folder), { file: folder.at('copy.db') })
    expect(folder.others()).toEqual(['copy.db', 'copy.db.manifest.json'])
  })
})

function startBackup(folder: Folder): ChildProcess {
  return spawn(process.execPath, [built('bundle/cli.js'), 'backup', 'copy.db'], {
    cwd: folder.path,
    env: { LOCKSTEP_SQLITE: 'app.db' },
    stdio: 'ignore',
  })
}

describe('bad input, each with a code and nothing left behind', () => {
  const cases: Record<string, { prepare: (folder: Folder) => void; args?: string; code: string }> =
    {
      'a target that is there': {
        prepare: (folder) => writeFileSync(folder.at('copy.db'), 'precious'),
        code: 'FILE_EXISTS',
      },
      'a file of another kind where the manifest goes': {
        prepare: (folder) => writeFileSync(folder.at('copy.db.manifest.json'), 'precious'),
        code: 'FILE_EXISTS',
      },
      'a folder that is not there': {
        prepare: () => undefined,
        args: 'no/copy.db',
        code: 'FILE_UNWRITABLE',
      },
      'a folder that is a file': {
        prepare: (folder) => writeFileSync(folder.at('plain'), ''),
        args: 'plain/copy.db',
        code: 'FILE_UNWRITABLE',
      },
      'a source that is not there': {
        prepare: (folder) => {
          folder.db.close()
          rmSync(folder.file)
        },
        code: 'SQLITE_CANTOPEN',
      },
      'a source that is no database, or encrypted': {
        prepare: (folder) => replace(folder, Buffer.alloc(8192, 0x5a)),
        code: 'SQLITE_NOTADB',
      },
      'a source that was cut off': {
        prepare: (folder) => {
          fillLog(folder.db, 2000)
          folder.db.close()
          replace(folder, readFileSync(folder.file).subarray(0, 40_000))
        },
        code: 'SQLITE_CORRUPT',
      },
      'a source that another process keeps for itself': {
        prepare: (folder) => {
          folder.db.pragma('locking_mode = EXCLUSIVE')
          folder.db.exec(`INSERT INTO log VALUES ('a', 1, '')`)
          writeFileSync(folder.at('quick.yaml'), 'sqlite:\n  path: app.db\n  busyTimeoutMs: 50\n')
        },
        args: 'copy.db --config quick.yaml',
        code: 'SQLITE_BUSY',
      },
      'a source in rollback-journal mode': {
        prepare: (folder) => folder.db.pragma('journal_mode = DELETE'),
        code: 'NOT_WAL',
      },
    }
  test.each(Object.entries(cases))('%s', async (_, { prepare, args = 'copy.db', code }) => {
    using folder = createFolder(logTable)
    prepare(folder)
    const before = folder.others()
    const said = await folder.lockstep(`backup ${args} --json`)
    expect([said.exitCode, said.stdout]).toEqual([1, ''])
    expect(JSON.parse(said.stderr)).toMatchObject({
      error: { code, wayOut: expect.any(String) as string },
    })
    expect(folder.others()).toEqual(before)
  })

  test.each([
    'backup app.db-journal',
    'backup ./app.db-shm',
    'backup copy.db --postgres app.db-wal',
    'export --format csv app.db-wal',
  ])('a name that SQLite has for a file of its own: %s', async (command) => {
    using folder = createFolder(logTable)
    folder.db.close()
    const said = await folder.lockstep(`${command} --json`)
    expect([said.exitCode, said.stdout]).toEqual([2, ''])
    expect(JSON.parse(said.stderr)).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('another name') as string },
    })
    expect(folder.others()).toEqual([])
  })

  test('a target in a folder without rights', async () => {
    using folder = createFolder(logTable)
    mkdirSync(folder.at('shut'), { mode: 0o500 })
    // No rights hold the superuser back but those of a file system that is no disk.
    const shut = process.getuid?.() === 0 ? '/proc' : 'shut'
    const said = await folder.lockstep(`backup ${shut}/copy.db`)
    expect(said.exitCode).toBe(1)
    expect(said.stderr).toContain('code: FILE_UNWRITABLE')
  })

  test('a disk without room', async () => {
    using folder = createFolder(logTable, { rows: 10_000 })
    const said = await folder.lockstep('backup copy.db', { fileKib: 1000 })
    expect(said).toMatchObject({ exitCode: 1, stdout: '' })
    expect(said.stderr).toMatch(/code: (SQLITE_IOERR|FILE_UNWRITABLE)/)
    expect(folder.others()).toEqual([])
  })

  test('misspelled options', async () => {
    using folder = createFolder(logTable)
    const wrong = { file: folder.at('copy.db'), timeout: 5 } as never
    await expect(backup(options(folder), wrong)).rejects.toThrow(TypeError)
    await expect(backup(options(folder), {} as never)).rejects.toThrow(
      'file of backup must be a name',
    )
    const same = { file: folder.at('copy.db'), postgres: folder.at('copy.db') }
    await expect(backup(options(folder), same)).rejects.toThrow('two files')
  })
})

function replace(folder: Folder, content: Buffer): void {
  if (folder.db.open) folder.db.close()
  writeFileSync(folder.file, content)
}

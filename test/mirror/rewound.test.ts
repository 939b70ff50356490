import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'

let folder: string
let database: Awaited<ReturnType<typeof createDatabase>>
const path = (): string => join(folder, 'app.db')

beforeAll(async () => {
  database = await createDatabase()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-rewound-'))
  const db = new Database(path())
  db.pragma('journal_mode = WAL')
  db.exec(
    `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'one'), (2, 'two')`,
  )
  db.close()
})

afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

async function open(): Promise<Lockstep> {
  return createLockstep({ sqlite: { path: path() }, postgres: { connectionString: database.url } })
}

function copyFile(from: string, to: string): void {
  const db = new Database(from)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
  for (const end of ['-wal', '-shm']) rmSync(`${to}${end}`, { force: true })
  copyFileSync(from, to)
}

test('an older file in the place of today’s is noticed, and nothing of it is applied until someone decides', async () => {
  const backup = join(folder, 'backup.db')
  {
    await using db = await open()
    await db.install()
    await db.applySchema()
    await db.backfill()
    await db.run('INSERT INTO notes (body) VALUES (?)', ['kept'])
    await db.caughtUp()
  }
  copyFile(path(), backup)
  {
    await using db = await open()
    for (let round = 0; round < 20; round++)
      await db.run('INSERT INTO notes (body) VALUES (?)', ['lost with the file'])
    await db.caughtUp()
  }
  copyFile(backup, path())

  await using db = await open()
  const seen = new Promise<Error>((resolve) => db.on('error', ({ error }) => resolve(error)))
  await db.run('INSERT INTO notes (body) VALUES (?)', ['written to the older file'])
  expect(await seen).toMatchObject({ code: 'PRIMARY_REWOUND' })
  await expect(db.caughtUp({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'CAUGHT_UP_TIMEOUT' })

  await db.install()
  await db.caughtUp()
  expect(await db.verify()).toMatchObject({ equal: true, tables: [{ table: 'notes', rows: 4 }] })
})

test('a file from before a flip is refused at the start', async () => {
  const backup = join(folder, 'before-flip.db')
  copyFile(path(), backup)
  {
    await using db = await open()
    await db.caughtUp()
    await db.flip('postgres')
  }
  copyFile(backup, path())
  await expect(open()).rejects.toMatchObject({ code: 'PRIMARY_REWOUND' })
})

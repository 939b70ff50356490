import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

/** What an application is told of a file that is damaged under it, and what nobody has caught. */
async function toldOf(
  db: Lockstep,
  kind: 'uncaughtException' | 'unhandledRejection',
  damageFile: () => void,
): Promise<{ errors: unknown[]; thrown: unknown[] }> {
  const errors: unknown[] = []
  db.on('error', ({ error }) => errors.push(error))
  const thrown: unknown[] = []
  const note = (error: unknown): unknown => thrown.push(error)
  process.on(kind, note)
  try {
    damageFile()
    await until('the error', async () => errors.length > 0 || thrown.length > 0)
    await sleep(500)
  } finally {
    process.off(kind, note)
  }
  return { errors, thrown }
}

const isEmptied = {
  code: 'PRIMARY_REWOUND',
  message: expect.stringMatching(
    /was emptied, or another one was put in its place.*back/,
  ) as string,
}

test('a file that somebody empties while the application runs is told as an error, once, and ends no process', async () => {
  const db = await rig.open({ applier: { enabled: false } })
  await db.install()
  const { errors, thrown } = await toldOf(db, 'uncaughtException', () => {
    rig.sqlite((file) => file.pragma('wal_checkpoint(TRUNCATE)'))
    truncateSync(rig.path, 0)
  })
  expect(thrown).toEqual([])
  expect(errors).toEqual([expect.objectContaining({ name: 'LockstepError' })])
  // It is empty for who comes now, whose look would take the WAL away.
  await expect(rig.open()).rejects.toMatchObject({
    code: 'SQLITE_CANTOPEN',
    message: expect.stringContaining('is empty (0 bytes)') as string,
  })
})

test('another database that is put over the file is told, and no statement runs on it', async () => {
  const db = await rig.mirrored()
  rig.sqlite((file) => file.pragma('wal_checkpoint(TRUNCATE)'))
  const other = join(rig.folder, 'other.db')
  new Database(other).exec('PRAGMA journal_mode = WAL; CREATE TABLE stranger (a)').close()
  const { errors, thrown } = await toldOf(db, 'uncaughtException', () =>
    writeFileSync(rig.path, readFileSync(other)),
  )
  expect(thrown).toEqual([])
  expect(errors).toContainEqual(expect.objectContaining(isEmptied))
  for (const call of [
    () => db.run('DELETE FROM items'),
    () => db.all('SELECT * FROM items'),
    () => db.status(),
  ])
    await expect(call()).rejects.toMatchObject(isEmptied)
})

test('a control record that is damaged is told as an error, once by each of the two that look, and ends no process', async () => {
  const db = await rig.mirrored()
  const { errors, thrown } = await toldOf(db, 'unhandledRejection', () => damage(rig))
  expect(thrown).toEqual([])
  expect(errors.length).toBeLessThanOrEqual(2)
  expect(errors[0]).toMatchObject({ code: 'SQLITE_CORRUPT' })
})

/** Makes noise of the page that the control record begins with, and has every process look again. */
function damage(damaged: Rig): void {
  let at = 0
  let pageSize = 0
  damaged.sqlite((file) => {
    const root = file.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = '_lockstep_control'`)
    at = root.pluck().get() as number
    pageSize = file.pragma('page_size', { simple: true }) as number
    file.exec('CREATE TABLE another (a)')
    file.pragma('wal_checkpoint(TRUNCATE)')
  })
  const handle = openSync(damaged.path, 'r+')
  writeSync(handle, Buffer.alloc(pageSize, 0xee), 0, pageSize, (at - 1) * pageSize)
  closeSync(handle)
  damaged.sqlite((file) => file.exec('DROP TABLE another'))
}

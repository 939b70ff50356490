import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exportRows } from '../../src/steps/archive.ts'
import { openSqlite } from '../../src/sqlite/connection.ts'
import { refuseHiddenRows } from '../../src/sqlite/hidden-rows.ts'
import { createRig, type Rig } from '../cutover/rig.ts'

const schema = /* sql */ `
  CREATE TABLE named (name TEXT PRIMARY KEY, n INTEGER);
  CREATE TABLE pairs (a INTEGER, b TEXT, n INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE INDEX pairs_n ON pairs (n);
  CREATE TABLE numbered (id INTEGER PRIMARY KEY, n INTEGER UNIQUE);
  WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 50)
  INSERT INTO numbered SELECT i, i FROM k;
  INSERT INTO named SELECT printf('name %02d', n), n FROM numbered;
  INSERT INTO pairs SELECT n, 'b', n FROM numbered;
`

let rig: Rig
beforeEach(async () => {
  rig = await createRig({ schema })
})
afterEach(() => rig.close())

/** Takes the last entry away from a page: of an index that is small, the highest key. */
function loseLastEntry(path: string, root: string): void {
  const db = new Database(path)
  db.pragma('wal_checkpoint(TRUNCATE)')
  const page = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(root)
  const at = ((page as number) - 1) * (db.pragma('page_size', { simple: true }) as number) + 3
  db.close()
  // https://www.sqlite.org/fileformat.html#b_tree_pages: the number of cells, two bytes at offset 3.
  const handle = openSync(path, 'r+')
  const count = Buffer.alloc(2)
  readSync(handle, count, 0, 2, at)
  count.writeUInt16BE(count.readUInt16BE() - 1)
  writeSync(handle, count, 0, 2, at)
  closeSync(handle)
}

const key = 'sqlite_autoindex_named_1'
const damaged = {
  named: {
    code: 'SQLITE_CORRUPT',
    message: expect.stringMatching(/table named has 50 rows, and its index .* has 49.*REINDEX/),
  },
  pairs: {
    code: 'SQLITE_CORRUPT',
    message: expect.stringMatching(/table pairs has 49 rows, and its index pairs_n has 50/),
  },
} as const
const cases = [
  ['named', key],
  ['pairs', 'pairs'],
] as const

describe.each(cases)('rows of %s that the index of its key has lost', (table, root) => {
  test('are told by an export, which leaves nothing behind', async () => {
    loseLastEntry(rig.path, root)
    const directory = `${rig.folder}/out`
    await expect(
      exportRows({ sqlite: { path: rig.path } }, { directory, format: 'csv' }),
    ).rejects.toMatchObject(damaged[table])
    expect(readdirSync(rig.folder).filter((name) => !name.startsWith('app.db'))).toEqual([])
  })

  test('are told by a backfill, before it copies', async () => {
    const db = await rig.open()
    await db.install()
    await db.applySchema()
    await db.close()
    loseLastEntry(rig.path, root)
    await expect((await rig.open()).backfill()).rejects.toMatchObject(damaged[table])
    expect(await rig.postgres('SELECT FROM numbered')).toEqual([])
  })

  test.each([{}, { tables: [table] }, { sample: 1 }])(
    'are told by a verify of %o, where PostgreSQL has lost them too',
    async (options) => {
      const db = await rig.mirrored()
      await db.close()
      loseLastEntry(rig.path, root)
      await rig.postgres(
        `BEGIN; SET LOCAL lockstep.applying = 'on'; DELETE FROM ${table} WHERE n = 50; COMMIT`,
      )
      const again = await rig.open()
      await expect(again.verify(options)).rejects.toMatchObject(damaged[table])
      expect((await again.verify({ tables: ['numbered'] })).equal).toBe(true)
    },
  )
})

test.each(cases)(
  'rows of %s that the index of its key has lost are told of a large file, by a thread',
  async (table, root) => {
    rig.sqlite((file) => file.exec(`CREATE TABLE large AS SELECT zeroblob(2000000) AS data`))
    const file = openSqlite({ path: rig.path })
    await refuseHiddenRows(file, ['large', 'named', 'pairs', 'numbered'])
    file.close()
    loseLastEntry(rig.path, root)
    const damagedFile = openSqlite({ path: rig.path })
    const openReader = (): never => {
      throw new Error('the main thread counts')
    }
    await expect(
      refuseHiddenRows({ ...damagedFile, openReader }, ['large', 'named', 'pairs', 'numbered']),
    ).rejects.toMatchObject(damaged[table])
    damagedFile.close()
  },
)

test('REINDEX, which the error names, brings the rows back into verify', async () => {
  const db = await rig.mirrored()
  await db.close()
  loseLastEntry(rig.path, key)
  await rig.postgres(
    `BEGIN; SET LOCAL lockstep.applying = 'on'; DELETE FROM named WHERE n = 50; COMMIT`,
  )
  rig.sqlite((file) => file.exec(`REINDEX ${key}`))
  const again = await rig.open()
  expect(await again.verify()).toMatchObject({
    equal: false,
    differences: [{ table: 'named', key: '"name 50"', class: 'missing' }],
  })
})

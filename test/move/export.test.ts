import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { exportRows } from '../../src/steps/archive.ts'
import type { ExportManifest } from '../../src/move/export.ts'
import { InvalidText } from '../../src/values/invalid-text.ts'
import { readExport } from '../values/read-export.ts'
import { describeWithData } from '../support/data.ts'
import { createFolder, logTable, type Folder } from './file.ts'

const options = (folder: Folder): Parameters<typeof exportRows>[0] => ({
  sqlite: { path: folder.file },
})

function manifestOf(directory: string): ExportManifest {
  return JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as ExportManifest
}

const odd = `CREATE TABLE odd (k TEXT PRIMARY KEY, any);
  INSERT INTO odd VALUES ('b', 9223372036854775807), ('a', -0.0), ('C', 9e999), ('d', NULL), ('e', ''), ('f', x''),
    ('g', x'00ff'), ('h', 'text'), ('i', CAST(x'61ff62' AS TEXT)), (NULL, 1), (NULL, 2), ('k', '\uFFFD'), ('l', CAST(x'ff' AS TEXT)),
    ('m', 1e-310), ('n', 5.0), ('o', 5), ('p', char(0) || 'after');
  CREATE TABLE "we/ird ""name"".." ("a,b" INTEGER, "c""d" TEXT, PRIMARY KEY ("c""d", "a,b")) WITHOUT ROWID;
  INSERT INTO "we/ird ""name"".." VALUES (2, 'x'), (1, 'x');
  CREATE TABLE computed (n INTEGER, twice INTEGER AS (n * 2), stored INTEGER AS (n * 3) STORED);
  INSERT INTO computed (n) VALUES (3);
  CREATE TABLE empty (none);
  CREATE VIRTUAL TABLE words USING fts5(word);
  CREATE VIEW seen AS SELECT 1`

describe('an export', () => {
  test.each(['csv', 'jsonl'] as const)(
    'as %s gives every value back, in the order of the key',
    async (format) => {
      using folder = createFolder(odd)
      const directory = folder.at('out')
      const { tables, leftOut } = await exportRows(options(folder), { directory, format })
      expect(leftOut).toEqual(['words'])
      expect(tables.map(({ table, file, rows }) => [table, file, rows])).toEqual([
        ['computed', `computed.${format}`, 1],
        ['empty', `empty.${format}`, 0],
        ['odd', `odd.${format}`, 17],
        ['we/ird "name"..', `we%2Fird%20%22name%22%2E%2E.${format}`, 2],
      ])
      const [computed, , rows, weird] = tables.map(({ file }) =>
        readExport(format, readFileSync(join(directory, file))),
      )
      expect(rows).toStrictEqual([
        [null, 1n],
        [null, 2n],
        ['C', Number.POSITIVE_INFINITY],
        ['a', -0],
        ['b', 9223372036854775807n],
        ['d', null],
        ['e', ''],
        ['f', Buffer.alloc(0)],
        ['g', Buffer.from([0, 255])],
        ['h', 'text'],
        ['i', new InvalidText(Buffer.from([0x61, 0xff, 0x62]))],
        ['k', '\uFFFD'],
        ['l', new InvalidText(Buffer.from([0xff]))],
        ['m', 1e-310],
        ['n', 5],
        ['o', 5n],
        ['p', '\0after'],
      ])
      expect(weird).toEqual([
        [1n, 'x'],
        [2n, 'x'],
      ])
      expect(computed).toEqual([[3n, 6n, 9n]])
    },
  )

  test('has a manifest with the count and the hash of each file', async () => {
    using folder = createFolder(odd)
    const directory = folder.at('out')
    await exportRows(options(folder), { directory, format: 'csv' })
    const manifest = manifestOf(directory)
    expect(manifest).toMatchObject({
      format: 'lockstep-export',
      version: 1,
      rows: 'csv',
      place: 'sqlite',
      primary: 'sqlite',
    })
    expect(manifest.tables[3]?.columns).toEqual([
      { name: 'a,b', type: 'INTEGER' },
      { name: 'c"d', type: 'TEXT' },
    ])
    for (const { file, bytes, sha256 } of manifest.tables) {
      const content = readFileSync(join(directory, file))
      expect([bytes, sha256]).toEqual([
        content.length,
        createHash('sha256').update(content).digest('hex'),
      ])
    }
    expect(readdirSync(directory)).toHaveLength(manifest.tables.length + 1)
  })

  test('is of one snapshot, whatever is written meanwhile', async () => {
    using folder = createFolder(`${logTable}; CREATE TABLE z_last (n)`, { rows: 5000 })
    const directory = folder.at('out')
    const insert = folder.db.prepare('INSERT INTO z_last VALUES (1)')
    const remove = folder.db.prepare('DELETE FROM log')
    let isChanged = false
    const { tables } = await exportRows(options(folder), {
      directory,
      format: 'jsonl',
      onProgress: () => {
        insert.run()
        if (!isChanged) remove.run()
        isChanged = true
      },
    })
    expect(isChanged).toBe(true)
    expect(tables.map(({ table, rows }) => [table, rows])).toEqual([
      ['log', 5000],
      ['z_last', 0],
    ])
  })

  test('takes no more memory for more rows', async () => {
    using folder = createFolder(logTable, { rows: 150_000 })
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let peak = 0
    await exportRows(options(folder), {
      directory: folder.at('out'),
      format: 'jsonl',
      onProgress: () => (peak = Math.max(peak, process.memoryUsage().rss)),
    })
    const { bytes } = manifestOf(folder.at('out')).tables[0] as { bytes: number }
    expect(bytes).toBeGreaterThan(75_000_000)
    expect(peak - before).toBeLessThan(60_000_000)
  })

  test('may be read by nobody but its owner, whoever may read its source', async () => {
    using folder = createFolder(logTable)
    chmodSync(folder.file, 0o644)
    await exportRows(options(folder), { directory: folder.at('out'), format: 'csv' })
    const modes = ['', 'log.csv', 'manifest.json'].map(
      (name) => statSync(folder.at(`out/${name}`)).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o600, 0o600])
  })

  test('that is stopped leaves nothing, and an empty folder is taken', async () => {
    using folder = createFolder(logTable, { rows: 5000 })
    const stop = new AbortController()
    mkdirSync(folder.at('out'))
    const running = exportRows(options(folder), {
      directory: folder.at('out'),
      format: 'csv',
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('stopped')),
    })
    await expect(running).rejects.toThrow('stopped')
    expect(folder.others()).toEqual(['out'])
    expect(readdirSync(folder.at('out'))).toEqual([])
    await exportRows(options(folder), { directory: folder.at('out'), format: 'csv' })
    expect(readdirSync(folder.at('out'))).toHaveLength(2)
  })
})

describe.each(['chinook', 'northwind'])('the database %s', (name) => {
  describeWithData(`${name}.sqlite`, (path) => {
    test.each(['csv', 'jsonl'] as const)('comes back whole as %s', async (format) => {
      using folder = createFolder(logTable)
      copyFileSync(path, folder.at('real.db'))
      const db = new Database(folder.at('real.db'))
      const directory = folder.at('out')
      const { tables } = await exportRows({ sqlite: { path: db.name } }, { directory, format })
      expect(tables.length).toBeGreaterThan(8)
      for (const { table, file, rows } of tables) {
        const key = db
          .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
          .pluck()
          .all(table)
        const order = [...key, 'rowid'].map((column) => `"${String(column)}"`).join(', ')
        const stored = db.prepare(`SELECT * FROM "${table}" ORDER BY ${order}`).raw().safeIntegers()
        expect(readExport(format, readFileSync(join(directory, file)))).toStrictEqual(stored.all())
        expect(rows).toBe(stored.all().length)
      }
      db.close()
    })
  })
})

describe('bad input', () => {
  const cases: Record<string, { prepare: (folder: Folder) => void; args?: string; code: string }> =
    {
      'a folder that is not empty': {
        prepare: (folder) => {
          mkdirSync(folder.at('out'))
          writeFileSync(folder.at('out/precious'), '')
        },
        code: 'FILE_EXISTS',
      },
      'a file in the place of the folder': {
        prepare: (folder) => writeFileSync(folder.at('out'), ''),
        code: 'FILE_EXISTS',
      },
      'a folder in no folder': {
        prepare: () => undefined,
        args: 'no/out',
        code: 'FILE_UNWRITABLE',
      },
      'PostgreSQL, before the install': {
        prepare: () => undefined,
        args: 'out --from postgres',
        code: 'NOT_INSTALLED',
      },
    }
  test.each(Object.entries(cases))('%s', async (_, { prepare, args = 'out', code }) => {
    using folder = createFolder(logTable)
    prepare(folder)
    const before = folder.others()
    const said = await folder.lockstep(`export --format csv ${args} --json`)
    expect([said.exitCode, said.stdout]).toEqual([1, ''])
    expect(JSON.parse(said.stderr)).toMatchObject({ error: { code } })
    expect(folder.others()).toEqual(before)
  })

  test('a disk without room', async () => {
    using folder = createFolder(logTable, { rows: 10_000 })
    const said = await folder.lockstep('export --format csv out', { fileKib: 1000 })
    expect(said.stderr).toMatch(/EFBIG[\s\S]*code: FILE_UNWRITABLE/)
    expect(folder.others()).toEqual([])
  })

  test('no format, or one that is not there', async () => {
    using folder = createFolder(logTable)
    expect(await folder.lockstep('export out')).toMatchObject({ exitCode: 2 })
    expect(await folder.lockstep('export --format xml out')).toMatchObject({ exitCode: 2 })
    const wrong = { directory: folder.at('out'), format: 'xml' } as never
    await expect(exportRows(options(folder), wrong)).rejects.toThrow(
      'format of export must be csv or jsonl',
    )
  })
})

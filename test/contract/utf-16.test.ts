import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openPair } from '../support/pair.ts'

/** Characters whose order by bytes is another one in each encoding; the last is beyond 16 bits. */
const characters = ['A', 'a', 'é', 'Ā', '中', '\uE000', '\uFFEE', '😀']

test.each(['UTF-8', 'UTF-16le', 'UTF-16be'])(
  'verify compares texts of keys in PostgreSQL’s order, in a file in %s',
  async (encoding) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-utf-16-'))
    const path = join(folder, 'app.db')
    new Database(path).exec(`PRAGMA encoding = '${encoding}'; CREATE TABLE first (a)`).close()
    const rows = Array.from({ length: 4500 }, (_, n) => {
      const digits = n.toString(8).padStart(5, '0')
      const key = Array.from(digits, (digit) => characters[Number(digit)]).join('')
      return `('${key}', ${n})`
    })
    await using pair = await openPair({
      path,
      schema: `CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID; INSERT INTO t VALUES ${rows.join()};
        CREATE TABLE u (a TEXT COLLATE NOCASE, b TEXT, PRIMARY KEY (a, b)); INSERT INTO u SELECT n % 7, k FROM t`,
    })
    expect(pair.sqlite.pragma('encoding', { simple: true })).toBe(encoding)
    for (const snapshotMs of [30_000, 0])
      expect(await pair.db.verify({ snapshotMs })).toMatchObject({ equal: true, differences: [] })
    await pair.pg.query(
      `BEGIN; SET LOCAL lockstep.applying = 'on'; UPDATE t SET n = -1 WHERE n = 3000; COMMIT`,
    )
    expect((await pair.db.verify()).differences).toMatchObject([{ table: 't', column: 'n' }])
    rmSync(folder, { recursive: true })
  },
)

test.each(['UTF-16le', 'UTF-16be'])(
  'half a pair is no text, whatever stands behind it, and U+FFFD is one, in a file in %s',
  async (encoding) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-utf-16-'))
    const path = join(folder, 'app.db')
    new Database(path).exec(`PRAGMA encoding = '${encoding}'; CREATE TABLE first (a)`).close()
    const bytes = (...units: number[]): string => {
      const wide = Buffer.from(Uint16Array.from(units).buffer)
      return `CAST(x'${(encoding === 'UTF-16le' ? wide : wide.swap16()).toString('hex')}' AS TEXT)`
    }
    const halves = [
      bytes(0xd800),
      bytes(0xd800, 0x61),
      bytes(0xdc00, 0xd800),
      bytes(0x61, 0xd801, 0x65),
    ]
    await using pair = await openPair({
      path,
      schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, n INTEGER);
        INSERT INTO t VALUES (1, 'a' || char(65533) || 'b', 0), (2, char(0x10061), 0),
          ${halves.map((half, index) => `(${index + 3}, ${half}, 0)`).join()};
        CREATE TABLE k (a TEXT PRIMARY KEY, n INTEGER); INSERT INTO k VALUES (char(0x10061), 1), (${bytes(0xd800, 0x61)}, 2), (char(65533), 3);
        CREATE TABLE w (a TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID; INSERT INTO w SELECT * FROM k`,
    })
    const { db, sqlite } = pair
    const isBroken = {
      column: expect.any(String) as string,
      reason: 'text that is not valid UTF-8',
    }
    const broken = (await db.quarantine()).map(({ table, key, ...rest }) => {
      expect(rest).toMatchObject(isBroken)
      return `${table} ${key}`
    })
    const key = bytes(0xd800, 0x61)
    expect(broken.toSorted()).toEqual([`k ${key}`, 't 3', 't 4', 't 5', 't 6', `w ${key}`])
    const { differences } = await db.verify()
    expect(differences.map(({ table, key }) => `${table} ${key}`).toSorted()).toEqual(
      broken.toSorted(),
    )
    const { findings } = await db.assess()
    expect(
      findings
        .filter(({ code }) => code === 'INVALID_UTF8')
        .map(({ table, rows }) => [table, rows]),
    ).toEqual([
      ['t', 4],
      ['k', 1],
      ['w', 1],
    ])
    // Written again, each by the applier: the real ones arrive, and the halves stay where they are.
    sqlite.exec('UPDATE t SET n = 1; UPDATE k SET n = n + 10; UPDATE w SET n = n + 10')
    await db.caughtUp()
    expect(await pair.pgRows('SELECT id, n FROM t ORDER BY id')).toEqual([
      ['1', '1'],
      ['2', '1'],
    ])
    for (const table of ['k', 'w'])
      expect(await pair.pgRows(`SELECT n FROM ${table} ORDER BY n`)).toEqual([['11'], ['13']])
    expect((await db.verify()).differences).toHaveLength(6)
    rmSync(folder, { recursive: true })
  },
)

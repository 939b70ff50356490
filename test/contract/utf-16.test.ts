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

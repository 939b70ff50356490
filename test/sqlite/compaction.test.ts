import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '../../src/place/place.ts'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import { readSchema } from '../../src/schema/read.ts'
import { SqliteCompaction } from '../../src/sqlite/compaction.ts'
import { openSqlite, type SqliteFile } from '../../src/sqlite/connection.ts'
import { controlReader } from '../../src/sqlite/control.ts'
import { installedTables, installSqlite } from '../../src/sqlite/install.ts'
import { SqliteSource } from '../../src/sqlite/source.ts'
import { SqliteWriter } from '../../src/sqlite/writer.ts'

let folder: string
let file: SqliteFile
let writer: SqliteWriter
let source: SqliteSource
let compaction: SqliteCompaction

beforeEach(() => open(0))
afterEach(close)

function open(above: number): void {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-compaction-'))
  const path = join(folder, 'app.db')
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec(`CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);
    CREATE TABLE b (x TEXT, y, n INTEGER, PRIMARY KEY (x, y))`)
  const reader = {
    all: (sql: string, ...params: unknown[]) =>
      db.prepare(sql).all(...params) as Record<string, unknown>[],
    each: (sql: string) => db.prepare(sql).iterate() as Iterable<Record<string, unknown>>,
  }
  const { tables } = numberTables(mapSchema(reader, readSchema(reader)).tables)
  installSqlite(db, { migration: 'test', tables })
  db.close()
  file = openSqlite({ path })
  writer = new SqliteWriter(file.writer, { busyTimeoutMs: 1000, maxWaiting: 100 })
  const installed = installedTables(file.reader)
  const version = controlReader(file.reader)().schemaVersion
  source = new SqliteSource(file, writer, () => ({ tables: installed, version }))
  compaction = compactionOf(above)
}

function compactionOf(above: number): SqliteCompaction {
  return new SqliteCompaction({ reader: file.reader, open: () => file.openApplier(), above })
}

function close(): void {
  compaction.close()
  source.close()
  file.close()
  rmSync(folder, { recursive: true })
}

function journal(): unknown[][] {
  return file.reader
    .prepare('SELECT seq, tbl, k0, k1 FROM _lockstep_journal WHERE tbl <> 0 ORDER BY seq')
    .raw()
    .all() as unknown[][]
}

async function compact(): Promise<void> {
  while (await compaction.step());
}

test('of each key only the newest entry stays, whatever its table and its class', async () => {
  file.writer.exec(`
    INSERT INTO a VALUES (1, 0), (2, 0);
    INSERT INTO b VALUES ('1', 1, 0), ('1', '1', 0), (x'31', 1, 0), ('1', x'31', 0);
    UPDATE a SET n = 1; UPDATE b SET n = 1; UPDATE a SET n = 2 WHERE id = 1;
    DELETE FROM b WHERE y = x'31';`)
  const before = journal()
  await compact()
  const newest = new Map(before.map((entry) => [JSON.stringify(entry.slice(1)), entry]))
  expect(newest.size).toBe(6)
  expect(journal()).toEqual([...newest.values()].toSorted((x, y) => Number(x[0]) - Number(y[0])))
})

test('keys that the driver reads as the same text, and that are not, keep an entry each', async () => {
  file.writer.exec(`
    INSERT INTO b VALUES (CAST(x'ff' AS TEXT), 1, 0), (CAST(x'fe' AS TEXT), 1, 0), (char(65533), 1, 0);
    UPDATE b SET n = 1`)
  await compact()
  const left = file.reader.prepare(
    'SELECT hex(k0) FROM _lockstep_journal WHERE tbl <> 0 ORDER BY 1',
  )
  expect(left.pluck().all()).toEqual(['EFBFBD', 'FE', 'FF'])
})

test('entries wait until there are more of them than the bound, and are looked at once', async () => {
  compaction = compactionOf(50)
  const update = file.writer.prepare('UPDATE a SET n = n + 1 WHERE id = 1')
  file.writer.exec('INSERT INTO a VALUES (1, 0)')
  for (let i = 1; i < 50; i++) update.run()
  await compact()
  expect(journal()).toHaveLength(50)
  update.run()
  await compact()
  expect(journal()).toHaveLength(1)
  for (let i = 0; i < 51; i++) update.run()
  await compact()
  expect(journal()).toHaveLength(1)
})

test('what was seen is forgotten when another install has numbered everything anew', async () => {
  file.writer.exec('INSERT INTO a VALUES (1, 0); UPDATE a SET n = 1')
  await compact()
  // As `uninstall` and `install` leave it: the same numbers, for other keys.
  file.writer.exec(`DELETE FROM _lockstep_journal; CREATE TABLE other (n);
    INSERT INTO _lockstep_journal (seq, tbl, k0) VALUES (1, 1, 7), (2, 1, 8), (3, 1, 1)`)
  await compact()
  expect(journal()).toHaveLength(3)
})

test('a slice that meets a transaction of the application does nothing and goes on later', async () => {
  file.writer.exec('INSERT INTO a VALUES (1, 0); UPDATE a SET n = 1; BEGIN IMMEDIATE')
  expect(await compaction.step()).toBe(false)
  file.writer.exec('COMMIT')
  expect(journal()).toHaveLength(2)
  await compact()
  expect(journal()).toHaveLength(1)
})

test('a slice takes less than two milliseconds of the processor', async () => {
  const rows = 20_000
  file.writer
    .exec(`WITH RECURSIVE k(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < ${rows})
    INSERT INTO a SELECT id, 0 FROM k; UPDATE a SET n = 1; UPDATE a SET n = 2`)
  const slices: number[] = []
  for (let more = true; more;) {
    const before = process.cpuUsage()
    more = await compaction.step()
    const { user, system } = process.cpuUsage(before)
    slices.push((user + system) / 1000)
  }
  expect(journal()).toHaveLength(rows)
  const sorted = slices.toSorted((x, y) => x - y)
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] as number
  process.stderr.write(
    `compaction: ${3 * rows} entries in ${slices.length} slices, p50 ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms, max ${at(1).toFixed(2)} ms\n`,
  )
  expect(at(0.95)).toBeLessThan(2)
})

/** An applier without a server: its secondary is a map, its position a number that both appliers share. */
interface Secondary {
  readonly rows: Map<string, bigint>
  position: number
}

type Step =
  | { do: 'write'; key: number }
  | { do: 'remove'; key: number }
  | { do: 'compact' }
  | { do: 'read'; applier: number; entries: number }
  | { do: 'apply'; applier: number }
  | { do: 'discard'; applier: number }

const key = fc.integer({ min: 1, max: 5 })
const applier = fc.integer({ min: 0, max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('compact' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      applier,
      entries: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('apply' as const), applier }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('discard' as const), applier }) },
)

/** Two appliers take turns with writes and compaction; each may stall between any two of its steps. */
async function play(steps: readonly Step[], compactOnce: () => Promise<void>): Promise<string[]> {
  const secondary: Secondary = { rows: new Map(), position: 0 }
  const held: ({ batch: Batch; expected: number; applied: boolean } | null)[] = [null, null]
  const history: { token: bigint; key: string; n: bigint }[] = []
  const wrong: string[] = []
  let n = 0
  const read = async (index: number, entries: number): Promise<void> => {
    const expected = secondary.position
    const snapshot = await source.open()
    held[index] = {
      batch: await snapshot.read({ maxEntries: entries, maxBytes: 1e6 }),
      expected,
      applied: false,
    }
    await snapshot.close()
  }
  const apply = (index: number): void => {
    const work = held[index]
    if (!work || work.applied) return
    if (work.expected !== secondary.position) return void (held[index] = null)
    secondary.position++
    work.applied = true
    for (const { upserts, deletes } of work.batch.changes) {
      for (const row of upserts) secondary.rows.set(String(row[0]), row[1] as bigint)
      for (const [gone] of deletes) secondary.rows.delete(String(gone))
    }
  }
  const discard = async (index: number): Promise<void> => {
    const work = held[index]
    if (!work?.applied) return
    held[index] = null
    await source.discard(work.batch, 0)
    wrong.push(...tooEarly(controlReader(file.reader)().appliedSeq, history, secondary))
  }
  const change = (sql: string, changed: number): void => {
    const { changes } = file.writer.prepare(sql).run()
    if (changes === 0) return
    const token = file.reader.prepare('SELECT max(seq) FROM _lockstep_journal').pluck()
    history.push({
      token: token.safeIntegers().get() as bigint,
      key: String(changed),
      n: BigInt(n),
    })
  }
  for (const turn of steps) {
    if (turn.do === 'write') {
      n++
      change(
        `INSERT INTO a VALUES (${turn.key}, ${n}) ON CONFLICT (id) DO UPDATE SET n = excluded.n`,
        turn.key,
      )
    } else if (turn.do === 'remove') {
      file.writer.prepare(`DELETE FROM a WHERE id = ${turn.key}`).run()
    } else if (turn.do === 'compact') await compactOnce()
    else if (turn.do === 'read') await read(turn.applier, turn.entries)
    else if (turn.do === 'apply') apply(turn.applier)
    else await discard(turn.applier)
  }
  while (journal().length > 0) {
    await read(0, 100)
    apply(0)
    await discard(0)
  }
  const rows = file.reader.prepare('SELECT id, n FROM a').raw().safeIntegers().all() as bigint[][]
  const expected = Object.fromEntries(rows.map(([id, value]) => [String(id), value]))
  if (!same(expected, Object.fromEntries(secondary.rows))) wrong.push('the secondary is not equal')
  return wrong
}

function same(a: Record<string, bigint | undefined>, b: Record<string, bigint>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((name) => a[name] === b[name])
}

/** A published token says that every change up to it is on the secondary, or a newer one of its key. */
function tooEarly(
  published: bigint,
  history: readonly { token: bigint; key: string; n: bigint }[],
  { rows }: Secondary,
): string[] {
  return history
    .filter(({ token, key: changed, n }) => {
      const there = rows.get(changed)
      return token <= published && there !== undefined && there < n
    })
    .map(({ token }) => `token ${token} was published before its write arrived`)
}

async function keepOldest(): Promise<void> {
  file.writer.exec(
    'DELETE FROM _lockstep_journal WHERE seq NOT IN (SELECT min(seq) FROM _lockstep_journal GROUP BY tbl, k0)',
  )
}

describe('beside two appliers that may stall anywhere', () => {
  test('nothing is lost and no token is published too early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        close()
        open(0)
        expect(await play(steps, compact)).toEqual([])
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  test('keeping the oldest entry instead would lose a change', async () => {
    const steps: Step[] = [
      { do: 'write', key: 1 },
      { do: 'read', applier: 0, entries: 5 },
      { do: 'apply', applier: 0 },
      { do: 'write', key: 1 },
      { do: 'compact' },
      { do: 'discard', applier: 0 },
    ]
    expect(await play(steps, keepOldest)).toEqual(['the secondary is not equal'])
    close()
    open(0)
    expect(await play(steps, compact)).toEqual([])
  })
})

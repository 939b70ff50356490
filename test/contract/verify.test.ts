import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lockstep, VerifyCheckpoint, VerifyDifference, VerifyProgress } from '../../src/api.ts'
import { yieldToEventLoop } from '../../src/core/wait.ts'
import { gate } from '../../src/sqlite/control.ts'
import { createRig, until, type Rig } from '../cutover/rig.ts'

/** Several ranges of the largest table, and every kind of key. */
const schema = /* sql */ `
  CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT, other TEXT, ratio REAL, amount NUMERIC, data BLOB, free, n INTEGER UNIQUE);
  CREATE TABLE codes (code TEXT PRIMARY KEY COLLATE NOCASE, n INTEGER);
  CREATE TABLE pairs (a TEXT, b INTEGER, note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE loose (note TEXT);
  CREATE TABLE children (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES things (id));
  CREATE TABLE empty (id INTEGER PRIMARY KEY, note TEXT);
  WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 4500)
  INSERT INTO things SELECT i, 'label ' || i, CASE i % 3 WHEN 0 THEN '' WHEN 1 THEN NULL ELSE char(8, 9, 10, 11, 12, 13, 92, 34, 44) || i END,
    CASE i % 5 WHEN 0 THEN i / 7.0 WHEN 1 THEN i * 1e17 / 3 WHEN 2 THEN -0.0 WHEN 3 THEN 9e999 ELSE 1e-310 END,
    i % 7 / 2.0, CAST('blob ' || i AS BLOB), CASE i % 2 WHEN 0 THEN 'text' ELSE 'more' END, i * 10 FROM k;
  INSERT INTO codes SELECT substr('aBcDeF', 1 + id % 6, 1) || id, id FROM things;
  INSERT INTO pairs SELECT 'a' || (id % 50), id, NULL FROM things;
  INSERT INTO loose SELECT 'note' FROM things;
  INSERT INTO children SELECT id, id FROM things WHERE id < 10;
`

let rig: Rig
let db: Lockstep
beforeAll(async () => {
  rig = await createRig({ schema })
  db = await rig.mirrored()
})
afterAll(() => rig.close())

/** As somebody does who works past Lockstep with the rights of an owner. */
async function onPostgres(statement: string): Promise<void> {
  await rig.postgres(`BEGIN; SET LOCAL lockstep.applying = 'on'; ${statement}; COMMIT`)
}

const equal = { equal: true, differences: [], problems: [] }

test('equal places are equal in every range of every table', async () => {
  const report = await db.verify()
  expect(report).toMatchObject(equal)
  expect(report.tables.map(({ table, rows }) => [table, rows])).toEqual([
    ['things', 4500],
    ['codes', 4500],
    ['pairs', 4500],
    ['loose', 4500],
    ['children', 9],
    ['empty', 0],
  ])
})

interface Corruption {
  readonly name: string
  readonly statement: string
  readonly found: readonly Partial<VerifyDifference>[]
}

const row = (key: string, kind: 'missing' | 'extra', table = 'things'): VerifyDifference => ({
  table,
  key,
  column: null,
  class: kind,
})
const value = (column: string, kind: 'value' | 'type' = 'value'): VerifyDifference => ({
  table: 'things',
  key: '2300',
  column,
  class: kind,
})
const at = 'WHERE id = 2300'

/** docs/guarantees.md lists them. */
const corruptions: readonly Corruption[] = [
  { name: 'a missing row', statement: `DELETE FROM things ${at}`, found: [row('2300', 'missing')] },
  {
    name: 'the first and the last row missing',
    statement: 'DELETE FROM things WHERE id IN (1, 4500)',
    found: [row('1', 'missing'), row('4500', 'missing')],
  },
  {
    name: 'an extra row',
    statement: `INSERT INTO things (id, label) VALUES (9001, 'label')`,
    found: [row('9001', 'extra')],
  },
  {
    name: 'extra rows in an empty table',
    statement: `INSERT INTO empty SELECT i, 'x' FROM generate_series(1, 3) i`,
    found: ['1', '2', '3'].map((key) => row(key, 'extra', 'empty')),
  },
  {
    name: 'one byte of a text',
    statement: `UPDATE things SET label = 'lAbel 2300' ${at}`,
    found: [value('label')],
  },
  {
    name: 'a trailing space',
    statement: `UPDATE things SET label = label || ' ' ${at}`,
    found: [value('label')],
  },
  {
    name: 'one byte of a blob',
    statement: `UPDATE things SET data = set_byte(data, 0, 66) ${at}`,
    found: [value('data')],
  },
  {
    name: 'the last bit of a real',
    statement: `UPDATE things SET ratio = 328.57142857142861 ${at}`,
    found: [value('ratio')],
  },
  {
    name: 'an empty text for NULL',
    statement: `UPDATE things SET other = '' WHERE id = 2302`,
    found: [{ ...value('other', 'type'), key: '2302' }],
  },
  {
    name: 'NULL for a text',
    statement: `UPDATE things SET label = NULL ${at}`,
    found: [value('label', 'type')],
  },
  {
    name: 'two columns swapped',
    statement: `UPDATE things SET label = other, other = label ${at}`,
    found: [value('label'), value('other')],
  },
  {
    name: 'another key',
    statement: `UPDATE things SET id = 9002 ${at}`,
    found: [row('2300', 'missing'), row('9002', 'extra')],
  },
  {
    name: 'the case of a key that ignores it',
    statement: `UPDATE codes SET code = upper(code) WHERE n = 30`,
    found: [row('"A30"', 'extra', 'codes'), row('"a30"', 'missing', 'codes')],
  },
  {
    name: 'a part of a key',
    statement: `UPDATE pairs SET b = 100000 WHERE b = 77`,
    found: [row('("a27", 77)', 'missing', 'pairs'), row('("a27", 100000)', 'extra', 'pairs')],
  },
  {
    name: 'a row of a table without a key',
    statement: `UPDATE loose SET note = 'other' WHERE "rowid" = 4321`,
    found: [{ table: 'loose', key: '4321', column: 'note', class: 'value' }],
  },
]

describe('a verify finds what was changed behind its back, and repair mends it:', () => {
  test.each(corruptions)('$name', async ({ statement, found }) => {
    await onPostgres(statement)
    const report = await db.verify()
    expect(report.equal).toBe(false)
    expect(report.differences).toEqual(found)
    // Only the rows that were found, and no table as a whole.
    const keys = new Set(report.differences.map(({ table, key }) => `${table} ${key}`))
    expect(await db.repair({ from: report })).toMatchObject({ rows: keys.size, problems: [] })
    await db.caughtUp()
    expect(await db.verify()).toMatchObject(equal)
  })

  test('an update that PostgreSQL lost while writes go on', async () => {
    await rig.postgres(`CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER lose BEFORE UPDATE ON things FOR EACH ROW WHEN (OLD.id = 2400) EXECUTE FUNCTION lose();
      ALTER TABLE things ENABLE ALWAYS TRIGGER lose`)
    let writing = true
    const writes = (async () => {
      for (let n = 0; writing; n += 1) {
        await db.run('UPDATE things SET other = ? WHERE id = ?', [`write ${n}`, 1 + (n % 2000)])
        await yieldToEventLoop()
      }
    })()
    await db.run(`UPDATE things SET label = 'not lost' WHERE id = 2400`)
    await db.caughtUp()
    await rig.postgres('DROP TRIGGER lose ON things; DROP FUNCTION lose')
    const report = await db.verify()
    writing = false
    await writes
    expect(report.differences).toEqual([{ ...value('label'), key: '2400' }])
    await db.repair({ from: report })
    await db.caughtUp()
    expect(await db.verify()).toMatchObject(equal)
  })

  test.each([
    [
      'the sign of a zero in a column of REAL affinity',
      `UPDATE things SET ratio = '-0' WHERE id = 2`,
    ],
    [
      'rights and storage',
      `ALTER TABLE things SET (fillfactor = 90); GRANT SELECT ON things TO PUBLIC`,
    ],
  ])('but not %s', async (_, statement) => {
    await onPostgres(statement)
    expect(await db.verify()).toMatchObject(equal)
  })

  test('a changed type of a column', async () => {
    await rig.postgres('ALTER TABLE things ALTER COLUMN free TYPE varchar')
    await expect(db.verify()).rejects.toMatchObject({
      code: 'SCHEMA_DRIFT',
      message: expect.stringContaining('things.free'),
    })
    await rig.postgres('ALTER TABLE things ALTER COLUMN free TYPE text COLLATE "C"')
  })

  test('a key that is there twice', async () => {
    const [constraint] = await rig.postgres<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = 'pairs'::regclass AND contype = 'p'`,
    )
    const { name } = constraint as { name: string }
    await rig.postgres(`ALTER TABLE pairs DROP CONSTRAINT "${name}"`)
    await onPostgres('INSERT INTO pairs SELECT * FROM pairs WHERE b = 30')
    const report = await db.verify({ tables: ['pairs'] })
    expect(report.differences).toEqual([row('("a30", 30)', 'extra', 'pairs')])
    expect(report.problems).toMatchObject([{ kind: 'key', table: 'pairs' }])
    expect(await db.repair({ from: report })).toMatchObject({
      mended: [{ kind: 'key', table: 'pairs' }],
      problems: [],
    })
    await db.caughtUp()
    expect(await db.verify()).toMatchObject(equal)
  })

  test('an index that is invalid, and a unique one that is gone', async () => {
    const [index] = await rig.postgres<{ name: string; definition: string }>(
      `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'things' AND indexname NOT LIKE '%pkey%' AND indexdef LIKE '%(n%'`,
    )
    const { name, definition } = index as { name: string; definition: string }
    const set = (valid: boolean): Promise<unknown> =>
      rig.postgres(
        `UPDATE pg_index SET indisvalid = ${valid} WHERE indexrelid = '"${name}"'::regclass`,
      )
    await set(false)
    const invalid = await db.verify()
    expect(invalid.problems).toMatchObject([{ kind: 'index', table: 'things' }])
    await db.repair({ from: invalid })
    expect(await db.verify()).toMatchObject(equal)
    await rig.postgres(`DROP INDEX "${name}"`)
    const missing = await db.verify()
    expect(missing.problems).toMatchObject([
      { kind: 'index', table: 'things', message: expect.stringContaining('missing') },
    ])
    await db.repair({ from: missing })
    const [mended] = await rig.postgres<{ definition: string }>(
      `SELECT indexdef AS definition FROM pg_indexes WHERE indexname = '${name}'`,
    )
    expect(mended).toEqual({ definition })
    expect(await db.verify()).toMatchObject(equal)
  })
})

test('values are told only where they are asked for', async () => {
  await onPostgres(`UPDATE things SET label = 'secret' ${at}`)
  expect(JSON.stringify(await db.verify())).not.toContain('secret')
  const { differences } = await db.verify({ values: true })
  expect(differences).toEqual([
    { ...value('label'), values: { sqlite: '"label 2300"', postgres: '"secret"' } },
  ])
  await db.repair({ table: 'things', keys: [2300] })
  await db.caughtUp()
})

test('a key that holds a NULL is missing on PostgreSQL, which has no place for it', async () => {
  rig.sqlite((file) => file.prepare('INSERT INTO codes VALUES (NULL, 1)').run())
  const { differences } = await db.verify({ tables: ['codes'] })
  expect(differences).toEqual([row('NULL', 'missing', 'codes')])
  rig.sqlite((file) => file.prepare('DELETE FROM codes WHERE code IS NULL').run())
  await until('quarantine is empty', async () => (await db.status()).quarantine === 0)
})

describe('a verify that takes long', () => {
  test('goes on where it was stopped, and tells what was found before as well', async () => {
    await onPostgres(`UPDATE things SET label = 'x' WHERE id IN (7, 4400)`)
    const stop = new AbortController()
    let kept: VerifyCheckpoint | undefined
    const stopped = db.verify({
      signal: stop.signal,
      onCheckpoint(checkpoint) {
        kept = JSON.parse(JSON.stringify(checkpoint)) as VerifyCheckpoint
        if (kept.under !== null) stop.abort()
      },
    })
    await expect(stopped).rejects.toThrow(/abort/i)
    expect(kept).toMatchObject({ done: [], under: { report: { rows: 32 } } })
    const seen: number[] = []
    const report = await db.verify({
      resume: kept as VerifyCheckpoint,
      onProgress: ({ table, rows }) => table === 'things' && seen.push(rows),
    })
    expect(seen[0]).toBeGreaterThan(32)
    expect(report.differences.map(({ key }) => key)).toEqual(['7', '4400'])
    expect(report.tables[0]).toMatchObject({ table: 'things', rows: 4500, different: 2 })
    await db.repair({ table: 'things' })
    await db.caughtUp()
  })

  test('goes on with a run of its own pair, schema and sample alone, and is as old as its begin', async () => {
    let kept: VerifyCheckpoint | undefined
    await db.verify({ sample: 50, onCheckpoint: (checkpoint) => (kept = checkpoint) })
    const half = kept as VerifyCheckpoint
    await expect(db.verify({ resume: half })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('50 % of the rows') as string,
    })
    const other = { ...half, of: { ...half.of, migration: 'another', sample: 100 } }
    await expect(db.verify({ resume: other })).rejects.toMatchObject({ code: 'PAIR_MISMATCH' })
    const before = { ...half, of: { ...half.of, schema: 'another', sample: 100 } }
    await expect(db.verify({ resume: before })).rejects.toMatchObject({
      code: 'SCHEMA_DRIFT',
      message: expect.stringContaining('begin a new one') as string,
    })
    const begunAtMs = Date.now() - 30 * 24 * 3600 * 1000
    await db.verify({ resume: { ...half, of: { ...half.of, sample: 100, begunAtMs } } })
    const { gates } = await db.ready()
    expect(gates.find(({ name }) => name === 'verify')).toMatchObject({ ok: false })
    await db.verify()
    expect((await db.ready()).gates.find(({ name }) => name === 'verify')).toMatchObject({
      ok: true,
    })
  })

  test('says how fast it is and how long the whole of it will take', async () => {
    const told: VerifyProgress[] = []
    await db.verify({ onProgress: (progress) => told.push(progress) })
    const [early, last] = [told[1], told.at(-1)]
    expect(early).toMatchObject({ table: 'things', total: 4500 })
    // Of all tables, and not of the one that is under way.
    expect(early?.timeLeftMs).toBeGreaterThan(0)
    expect(early?.rowsPerSecond).toBeGreaterThan(0)
    expect(last?.timeLeftMs).toBe(0)
  })

  test('takes new snapshots between ranges, and is exact under writes all the same', async () => {
    let writing = true
    const writes = (async () => {
      for (let n = 0; writing; n += 1) {
        const id = 1 + ((n * 37) % 4500)
        await db.run('UPDATE things SET label = ? WHERE id = ?', [`write ${n}`, id])
        await db.run('UPDATE pairs SET b = b + 5000 WHERE b = ?', [id])
        await db.run('UPDATE pairs SET b = b - 5000 WHERE b = ?', [id + 5000])
        await yieldToEventLoop()
      }
    })()
    for (let run = 0; run < 5; run += 1)
      expect(await db.verify({ snapshotMs: 0 })).toMatchObject(equal)
    writing = false
    await writes
  })

  test('can be a sample, which passes over the rest', async () => {
    const { tables } = await db.verify({ sample: 1e-9 })
    expect(tables.map(({ rows }) => rows)).toEqual([0, 0, 0, 0, 0, 0])
    const counts = new Set<number>()
    for (let run = 0; run < 12; run += 1) {
      const report = await db.verify({ tables: ['things'], sample: 50 })
      expect(report.equal).toBe(true)
      counts.add(report.tables[0]?.rows ?? -1)
    }
    expect(counts.size).toBeGreaterThan(1)
  })
})

describe('with PostgreSQL as the primary', () => {
  beforeAll(async () => {
    await db.flip('postgres', { force: true })
    await until('nothing is left to follow', async () => (await db.verify()).problems.length === 0)
  })

  test('a row that was changed on SQLite is found', async () => {
    rig.sqlite((file) => {
      file.exec(`BEGIN IMMEDIATE; UPDATE _lockstep_control SET gate = ${gate.applying};
        UPDATE things SET n = 1 ${at}; UPDATE _lockstep_control SET gate = ${gate.moved}; COMMIT`)
    })
    const report = await db.verify()
    expect(report.differences).toEqual([value('n')])
    await db.repair({ from: report })
    await db.caughtUp()
    expect(await db.verify()).toMatchObject(equal)
  })

  test('a sequence behind its keys is a problem', async () => {
    await rig.postgres(`SELECT setval(pg_get_serial_sequence('things', 'id'), 5)`)
    const report = await db.verify()
    expect(report.problems).toMatchObject([{ kind: 'sequence', table: 'things' }])
    expect(await db.repair({ from: report })).toMatchObject({ mended: report.problems })
    expect(await db.verify()).toMatchObject(equal)
    const { lastInsertRowid } = await db.run(`INSERT INTO things (label) VALUES ('next')`)
    expect(lastInsertRowid).toBe(4501)
  })

  test('a constraint that is not validated is a problem', async () => {
    await rig.postgres('ALTER TABLE things ADD CONSTRAINT later CHECK (id > 0) NOT VALID')
    const report = await db.verify()
    expect(report.problems).toMatchObject([{ kind: 'constraint', table: 'things' }])
    await db.repair({ from: report })
    expect(await db.verify()).toMatchObject(equal)
  })
})

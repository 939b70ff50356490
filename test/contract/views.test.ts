import { describe, expect, test } from 'vitest'
import { applicationViews } from '../../src/sqlite/views.ts'
import { flip, openPair, rollback, travel, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, paid DECIMAL(10,2), born DATETIME, extra, pic BLOB);
  CREATE TABLE notes (key TEXT PRIMARY KEY, person INTEGER, body TEXT) WITHOUT ROWID;
  CREATE VIEW totals AS SELECT name AS who, count(*), sum(paid) AS paid, typeof(sum(paid)) AS class FROM paying GROUP BY name;
  CREATE VIEW paying AS SELECT * FROM people WHERE paid > 0 ORDER BY id;
  CREATE VIEW "odd ""one" ("a b", "select") AS SELECT extra, pic FROM people;
  CREATE VIEW twice AS SELECT p.id, n.* , p.id FROM people p LEFT JOIN notes n ON n.person = p.id AND n.body LIKE 'A%';
  CREATE VIEW grouped AS SELECT people.id, people.name, count(body) AS notes FROM people LEFT JOIN notes ON person = people.id GROUP BY people.id;
  CREATE VIEW shares AS SELECT who, paid / (SELECT sum(paid) FROM totals) AS share, paid || '' AS text FROM totals WHERE who = 'ANN' OR paid = 5;
  CREATE VIEW tree AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i, i * 1.5 AS x FROM n;
  CREATE VIEW lazy AS SELECT id, substr(name, -2) AS tail, 7 / 2 AS half, x'00ff' AS b, NULL AS empty, name = 'bob' AS is_bob FROM people;
  INSERT INTO people VALUES (1, 'Ann', 2, '2020-01-01', 5, x'00'), (2, 'Bob', 2.5, NULL, 7.5, NULL), (3, 'Eve', 3, 'never', 2.5, x'ff'),
    (4, 'Cid', NULL, NULL, NULL, NULL);
  INSERT INTO notes VALUES ('k1', 1, 'a note'), ('k2', 1, 'other'), ('k3', 2, 'Also');`

const names = ['grouped', 'lazy', 'odd "one', 'paying', 'shares', 'totals', 'tree', 'twice']

/** Both places' rows, each value with its class; what a double is has none of SQLite's, as in the table itself. */
async function readBoth(pair: Pair, view: string): Promise<{ plain: string[]; sqlite: string[] }> {
  const text = `SELECT * FROM ${quoted(view)}`
  const types = {
    getTypeParser: (oid: number) => (value: string) => parsers[oid]?.(value) ?? value,
  }
  const { rows, fields } = await pair.pg.query<unknown[]>({ text, rowMode: 'array', types })
  const query = pair.sqlite.prepare<[], unknown[]>(text).raw()
  const asThere = (value: unknown, at: number): unknown =>
    typeof value === 'bigint' && fields[at]?.dataTypeID === 701 ? Number(value) : value
  const own = query.all().map((row) => rowText(row.map(asThere)))
  return {
    plain: [JSON.stringify(fields.map(({ name }) => name)), ...rows.map(rowText).toSorted()],
    sqlite: [JSON.stringify(query.columns().map(({ name }) => name)), ...own.toSorted()],
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  17: (text) => bytes(text.slice(2)),
  20: BigInt,
  114: (text) => {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'number') return /[.e]/.test(text) ? value : BigInt(text)
    return typeof value === 'string' ? value : bytes((value as { blob: string }).blob)
  },
  701: Number,
  1700: (text) => (text.includes('.') ? Number(text) : BigInt(text)),
}

function rowText(row: readonly unknown[]): string {
  const text = (value: unknown): string => {
    if (Buffer.isBuffer(value)) return `blob ${value.toString('hex')}`
    return `${value === null ? 'null' : typeof value} ${String(value)}`
  }
  return row.map(text).join(' | ')
}

async function viewsThere(pair: Pair): Promise<unknown[]> {
  const rows = await pair.pgRows(
    `SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY relname COLLATE "C"`,
  )
  return rows.flat()
}

/** All views of SQLite, read on both places. */
async function compareAll(pair: Pair): Promise<void> {
  const views = [...applicationViews(pair.sqlite).values()].map(({ name }) => name)
  expect(await viewsThere(pair)).toEqual(views.toSorted())
  for (const view of views) {
    const { plain, sqlite } = await readBoth(pair, view)
    expect([view, ...plain]).toEqual([view, ...sqlite])
  }
}

async function outOfStep({ db }: Pair): Promise<unknown> {
  const { statements } = await db.syncSchema()
  const { problems } = await db.verify()
  return [...statements, ...problems.map(({ message }) => message)]
}

test('a view is one on PostgreSQL too: other programs read there what SQLite reads', async () => {
  await using pair = await openPair({ schema, stage: 'installed' })
  await pair.db.applySchema()
  // What shows the columns of a grouped key waits for the key.
  expect(await viewsThere(pair)).toEqual(names.filter((name) => name !== 'grouped'))
  await pair.db.backfill()
  await compareAll(pair)
  expect(await outOfStep(pair)).toEqual([])
  await pair.db.run(`INSERT INTO people VALUES (5, 'dora', 7.25, NULL, NULL, NULL)`)
  await pair.db.caughtUp()
  await compareAll(pair)
  await flip(pair.db)
  await pair.db.run(`UPDATE people SET paid = paid + 1 WHERE name = 'ANN'`)
  await pair.db.caughtUp()
  await compareAll(pair)
  expect(await outOfStep(pair)).toEqual([])
})

/** DDL that touches views and what they read, so written that it can be run again under the next number. */
function changesOf(stage: number): string[] {
  const [was, is] = stage === 1 ? ['pic', 'Pic 1'] : [`Pic ${stage - 1}`, `Pic ${stage}`]
  return [
    `ALTER TABLE people ADD COLUMN nick TEXT`,
    `ALTER TABLE people RENAME COLUMN "${was}" TO "${is}"`,
    `ALTER TABLE ${stage === 1 ? 'notes' : `notes_${stage - 1}`} RENAME TO notes_${stage}`,
    `ALTER TABLE people DROP COLUMN nick`,
    `DROP VIEW totals; CREATE VIEW totals AS SELECT name AS who, sum(paid) + ${stage} AS paid FROM people GROUP BY id`,
    `DROP VIEW tree; CREATE TABLE tree (id INTEGER PRIMARY KEY)`,
    `DROP TABLE tree; CREATE VIEW tree AS SELECT ${stage} AS i`,
  ]
}

describe('views follow what is changed through Lockstep', () => {
  test('in each stage, to the end', async () => {
    await using pair = await openPair({ schema, stage: 'mirrored' })
    const change = async (stage: number): Promise<void> => {
      for (const sql of changesOf(stage)) {
        await pair.db.exec(sql)
        await compareAll(pair)
      }
      await expect(pair.db.exec('ALTER TABLE people DROP COLUMN name')).rejects.toThrow(
        /no such column/,
      )
      const undone = pair.db.transaction(async (tx) => {
        await tx.exec('DROP VIEW grouped')
        throw new Error('undone')
      })
      await expect(undone).rejects.toThrow('undone')
      await compareAll(pair)
    }
    await change(1)
    await flip(pair.db)
    await change(2)
    expect(await outOfStep(pair)).toEqual([])
    await rollback(pair.db)
    await change(3)
    expect(await outOfStep(pair)).toEqual([])
    await flip(pair.db)
    await pair.db.complete({ force: true })
    await change(4)
  })

  test('a table that goes takes the views that read it along, and gives them back', async () => {
    await using pair = await openPair({ schema, stage: 'mirrored' })
    await pair.db.exec('DROP TABLE notes')
    expect(await viewsThere(pair)).toEqual(
      names.filter((name) => !['grouped', 'twice'].includes(name)),
    )
    await pair.db.exec(
      'CREATE TABLE notes (key TEXT PRIMARY KEY, person INTEGER, body TEXT) WITHOUT ROWID',
    )
    await pair.db.caughtUp()
    await compareAll(pair)
    expect(await outOfStep(pair)).toEqual([])
  })

  test('before any row is copied', async () => {
    await using pair = await openPair({ schema, stage: 'installed' })
    await pair.db.exec('CREATE VIEW early AS SELECT 1 AS one')
    await pair.db.applySchema()
    await pair.db.exec(
      'ALTER TABLE people RENAME TO persons; DROP VIEW early; CREATE VIEW late AS SELECT * FROM paying',
    )
    await pair.db.backfill()
    await compareAll(pair)
    expect(await outOfStep(pair)).toEqual([])
  })
})

describe('views that differ', () => {
  test('are named by verify and sync, and made right by either way out', async () => {
    await using pair = await openPair({ schema, stage: 'mirrored' })
    const [[lazy]] = (await pair.pgRows(`SELECT rtrim(pg_get_viewdef('lazy'::regclass), ';')`)) as [
      [string],
    ]
    await pair.pg.query(
      `DROP VIEW tree; CREATE OR REPLACE VIEW lazy AS SELECT * FROM (${lazy}) AS q WHERE id > 1`,
    )
    pair.sqlite.exec(
      'DROP VIEW grouped; DROP VIEW shares; CREATE VIEW added AS SELECT * FROM paying',
    )
    const { problems, equal } = await pair.db.verify()
    expect(equal).toBe(true)
    expect(problems.map(({ kind, table }) => `${kind} ${table}`).toSorted()).toEqual(
      ['added', 'grouped', 'lazy', 'shares', 'tree'].map((name) => `view ${name}`),
    )
    const { statements } = await pair.db.syncSchema()
    for (const name of ['added', 'grouped', 'lazy', 'shares', 'tree'])
      expect(statements.join(';')).toContain(`"public"."${name}"`)
    await pair.db.syncSchema({ apply: true })
    await compareAll(pair)
    expect(await outOfStep(pair)).toEqual([])
    await pair.pg.query('DROP VIEW tree')
    const from = await pair.db.verify()
    expect(await pair.db.repair({ from })).toMatchObject({
      problems: [],
      mended: [{ kind: 'view', table: 'tree' }],
    })
    await compareAll(pair)
  })

  test('are made anew around a column that is made right', async () => {
    await using pair = await openPair({ schema, stage: 'mirrored' })
    await pair.pg.query(
      'ALTER TABLE people ALTER name DROP NOT NULL; ALTER TABLE notes DROP COLUMN body CASCADE',
    )
    expect(await outOfStep(pair).catch(() => 'drift')).toBe('drift')
    await pair.db.syncSchema({ apply: true })
    await pair.db.caughtUp()
    await compareAll(pair)
    expect(await outOfStep(pair)).toEqual([])
  })

  test("an operator's own view of a name stays, whatever happens", async () => {
    await using pair = await openPair({ schema, stage: 'installed' })
    await pair.pg.query('CREATE VIEW tree AS SELECT 7 AS own')
    const { findings } = await pair.db.applySchema()
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'VIEW_OF_OPERATOR', table: 'tree' }),
    )
    await pair.db.backfill()
    await pair.db.exec('DROP VIEW tree; CREATE VIEW tree AS SELECT 1 AS i')
    expect(await outOfStep(pair)).toEqual([])
    await pair.db.syncSchema({ apply: true })
    await pair.db.uninstall()
    expect(await pair.pgRows('SELECT own FROM tree')).toEqual([['7']])
  })

  test('a view without a faithful form is a finding, and so is one that reads it', async () => {
    await using pair = await openPair({
      schema: `CREATE TABLE t (a TEXT); CREATE VIEW bad AS SELECT a FROM t WHERE a MATCH 'x'; CREATE VIEW worse AS SELECT * FROM bad;
        CREATE VIEW broken AS SELECT a FROM nowhere; CREATE VIEW "${'v'.repeat(64)}" AS SELECT 1 AS one; CREATE VIEW fine AS SELECT a FROM t;
        CREATE VIEW mixed AS SELECT coalesce(a, rowid) AS "x""y" FROM t;
        CREATE TRIGGER i INSTEAD OF INSERT ON fine BEGIN INSERT INTO t VALUES (NEW.a); END`,
      stage: 'plain',
    })
    const { findings } = await pair.db.install()
    const ofViews = findings.filter(({ code }) => code.startsWith('VIEW_'))
    const said = ofViews.map(({ code, table, message }) => `${code} ${table}: ${message}`)
    expect(said.map((text) => text.replace(/ at line.*/, ''))).toEqual([
      'VIEW_NOT_CARRIED bad: other programs find no such view on PostgreSQL: MATCH has no faithful form on PostgreSQL,',
      'VIEW_NOT_CARRIED worse: other programs find no such view on PostgreSQL: it reads the view "bad", which is not carried',
      'VIEW_NOT_CARRIED broken: other programs find no such view on PostgreSQL: no such table: nowhere',
      expect.stringContaining("PostgreSQL's names have at most 63 bytes"),
      'VIEW_CARRIED fine: the view is one on PostgreSQL too; without its INSTEAD OF triggers, so that other programs only read it',
      'VIEW_CARRIED mixed: the view is one on PostgreSQL too; values of several classes are json there: "x""y"',
    ])
    await travel(pair.db, 'mirrored')
    expect(await viewsThere(pair)).toEqual(['fine', 'mixed'])
    expect(await outOfStep(pair)).toEqual([])
  })
})

test('other programs cannot write a view, as on SQLite', async () => {
  await using pair = await openPair({
    schema: 'CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t',
    stage: 'flipped',
  })
  await expect(pair.pg.query(`INSERT INTO v VALUES ('x')`)).rejects.toThrow(
    'cannot insert into view "v"',
  )
})

test('views stay when Lockstep goes, unmarked', async () => {
  await using pair = await openPair({ schema, stage: 'mirrored' })
  const marked = `SELECT count(obj_description(oid, 'pg_class')) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace`
  expect(await pair.pgRows(marked)).toEqual([[String(names.length)]])
  await pair.db.uninstall()
  expect(await pair.pgRows(marked)).toEqual([['0']])
  await compareAll(pair)
})

test('rows of a view with groups are inserted in the order of its groups, and given their rowids so', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE orders (id INTEGER PRIMARY KEY, user INTEGER);
      CREATE TABLE items ("order" INTEGER, price INTEGER);
      CREATE TABLE copies (id INTEGER PRIMARY KEY, "order" INTEGER);
      CREATE VIEW totals AS SELECT o.id AS "order", count(i.price) AS lines FROM orders o LEFT JOIN items i ON i."order" = o.id GROUP BY o.id;
      CREATE VIEW big AS SELECT * FROM totals WHERE lines >= 0;
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 7 FROM n WHERE i < 5000) INSERT INTO orders (id) SELECT i FROM n;
      INSERT INTO items SELECT id, id % 5 FROM orders`,
    stage: 'flipped',
  })
  const sql =
    'INSERT INTO copies ("order") SELECT "order" FROM big WHERE lines NOT BETWEEN "order" AND "order"'
  await pair.db.run(sql)
  const rows = 'SELECT id, "order" FROM copies ORDER BY id'
  const there = await pair.pgRows(rows)
  pair.sqlite.exec('BEGIN')
  pair.sqlite.exec('CREATE TEMP TABLE copies (id INTEGER PRIMARY KEY, "order" INTEGER)')
  pair.sqlite.exec(sql)
  const wanted = pair.sqliteRows(rows).map((row) => row.map(String))
  pair.sqlite.exec('ROLLBACK')
  expect(there).toEqual(wanted)
})

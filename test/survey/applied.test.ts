import { copyFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { assess } from '../../src/steps/assess.ts'
import { createLockstep } from '../../src/index.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { serverType } from '../../src/values/postgres-type.ts'
import { splitScript } from '../../src/sql/script.ts'
import { appSchemas, makeSchema } from '../support/app-schemas.ts'
import { describeWithData } from '../support/data.ts'
import { createDatabase } from '../support/postgres.ts'
import { noServer } from '../assess/shop.ts'
import { fill, misuse } from './generated-rows.ts'
import { Client } from 'pg'

/** What became of a file that was moved with all suggestions of its assessment. */
interface Moved {
  /** Suggested types, by column. */
  readonly suggested: Readonly<Record<string, string>>
  /** Their types on PostgreSQL. */
  readonly made: Readonly<Record<string, string>>
  readonly rows: number
  readonly quarantined: number
  readonly equal: boolean
  /** What PostgreSQL has for the tables, against what was estimated. */
  readonly sizeRatio: number
}

/** Assess, take the configuration as it is printed, and go all the way to a verify. */
async function move(path: string): Promise<Moved> {
  const before = await assess({ sqlite: { path }, postgres: noServer })
  const { columns = {} } = (parse(before.configuration) ?? {}) as Pick<LockstepOptions, 'columns'>
  const database = await createDatabase()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const db = await createLockstep({
    sqlite: { path },
    postgres: { connectionString: database.url },
    columns,
    applier: { leaderPollMs: 10 },
  })
  try {
    await db.install()
    await db.applySchema()
    const copied = await db.backfill()
    const { equal } = await db.verify()
    const { rows } = await client.query<{ path: string; type: string }>(
      `SELECT c.relname || '.' || a.attname AS path, format_type(a.atttypid, a.atttypmod) AS type
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0`,
    )
    const size = await client.query<{ bytes: string }>(
      `SELECT sum(pg_relation_size(oid)) AS bytes FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    )
    const types = new Map(rows.map((row) => [row.path, row.type]))
    return {
      suggested: Object.fromEntries(
        Object.entries(columns).map(([name, type]) => [name, standardName(serverType(type))]),
      ),
      made: Object.fromEntries(
        Object.keys(columns).map((name) => [name, types.get(name) ?? 'nothing']),
      ),
      rows: copied.tables.reduce((sum, table) => sum + table.rows, 0),
      quarantined: copied.tables.reduce((sum, table) => sum + table.quarantined, 0),
      equal,
      sizeRatio: Number(size.rows[0]?.bytes) / before.estimate.tableBytes,
    }
  } finally {
    await db.close()
    await client.end()
    await database.drop()
  }
}

/** PostgreSQL's own name of a timestamptz of some precision. */
function standardName(type: string): string {
  return type.replace(/^timestamptz\((\d)\)$/, 'timestamp($1) with time zone')
}

function inWal(
  script: (db: Database.Database) => void,
  from?: string,
): Disposable & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-applied-'))
  const path = join(folder, 'app.db')
  if (from !== undefined) {
    copyFileSync(from, path)
    chmodSync(path, 0o644)
  }
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  script(db)
  db.close()
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

for (const [name, expected] of Object.entries({
  'chinook.sqlite': { rows: 15_607, suggestions: 6 },
  'northwind.sqlite': { rows: 3310, suggestions: 8 },
})) {
  describeWithData(name, (from) => {
    test('what assess suggests holds every row, and the places are equal', async () => {
      using file = inWal(() => undefined, from)
      const moved = await move(file.path)
      expect(Object.keys(moved.suggested)).toHaveLength(expected.suggestions)
      expect(moved.made).toEqual(moved.suggested)
      expect(moved).toMatchObject({ rows: expected.rows, quarantined: 0, equal: true })
      // The small tables take a page each, and blobs are not in the tables themselves.
      expect(moved.sizeRatio).toBeGreaterThan(0.3)
      expect(moved.sizeRatio).toBeLessThan(1.6)
    }, 120_000)
  })
}

describeWithData('apps.jsonl', (path) => {
  const schemas = appSchemas(path)

  test.each(schemas)(
    'what assess suggests for $app with rows holds every one of them, and the places are equal',
    async ({ sql }) => {
      let filled = 0
      using file = inWal((db) => {
        makeSchema(db, sql)
        filled = fill(db, 60)
      })
      const moved = await move(file.path)
      expect(filled).toBeGreaterThan(60)
      expect(moved.made).toEqual(moved.suggested)
      expect(Object.keys(moved.suggested).length).toBeGreaterThan(0)
      expect(moved).toMatchObject({ rows: filled, quarantined: 0, equal: true })
    },
    120_000,
  )

  test.each(schemas)(
    'assess names the very rows of $app that a backfill then puts in quarantine',
    async ({ sql }) => {
      let filled = 0
      using file = inWal((db) => {
        for (const statement of splitScript(sql))
          if (!/\bfts|TRIGGER/i.test(statement)) db.exec(statement)
        fill(db, 20)
        filled = misuse(db)
      })
      const { findings } = await assess({ sqlite: { path: file.path }, postgres: noServer })
      const codes = ['MIXED_TYPES', 'NUL_IN_TEXT', 'INVALID_UTF8']
      const named = findings
        .filter(({ code }) => codes.includes(code))
        .flatMap(({ table, keys }) => keys.map((key) => `${table} ${key}`))
      const quarantined = await quarantineOf(file.path)
      expect(filled).toBeGreaterThan(20)
      expect(quarantined.length).toBeGreaterThan(5)
      expect([...new Set(named)].toSorted()).toEqual(quarantined.toSorted())
    },
    120_000,
  )
})

async function quarantineOf(path: string): Promise<string[]> {
  const database = await createDatabase()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const db = await createLockstep({
    sqlite: { path },
    postgres: { connectionString: database.url },
    applier: { enabled: false },
  })
  try {
    await db.install()
    await db.applySchema()
    await db.backfill()
    const { rows } = await client.query<{ tbl: string; key: string }>(
      'SELECT tbl, key FROM lockstep.quarantine',
    )
    return rows.map(({ tbl, key }) => `${tbl} ${key}`)
  } finally {
    await db.close()
    await client.end()
    await database.drop()
  }
}

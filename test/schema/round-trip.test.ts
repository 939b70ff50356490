import { parse } from 'yaml'
import * as fc from 'fast-check'
import type { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import type { LockstepOptions } from '../../src/options/options.ts'
import { readViews } from '../../src/postgres/read-views.ts'
import type { Table } from '../../src/schema/model.ts'
import { carryViews } from '../../src/schema/postgres-views.ts'
import { installedTables } from '../../src/sqlite/install.ts'
import { applicationViews } from '../../src/sqlite/views.ts'
import { appSchemas, makeSchema } from '../support/app-schemas.ts'
import { describeWithData } from '../support/data.ts'
import { flip, openPair, travel, type Pair } from '../support/pair.ts'
import { loadSample } from '../support/samples.ts'
import { fill } from '../survey/generated-rows.ts'
import { schemas } from './arbitrary-schema.ts'
import { expected, readBack, type ReadBack } from './read-back.ts'

/**
 * The whole journey up to a flip: what PostgreSQL's catalogs say then, and what they are to say. Before and behind the
 * flip PostgreSQL has what it makes itself of the model's DDL, expressions included.
 */
async function roundTrip(pair: Pair): Promise<{ read: unknown; wanted: unknown }> {
  await travel(pair.db, 'mirrored')
  const before = await outOfStep(pair)
  await flip(pair.db, { force: true })
  const behind = await outOfStep(pair)
  const tables = installedTables(pair.sqlite)
  const wanted: ReadBack[] = []
  for (const table of tables) wanted.push(await expected(pair.pg, table, tables))
  const names = tables.map(({ name }) => name)
  const read = await readBack(pair.pg, names)
  const inOrder = read.toSorted((one, other) => names.indexOf(one.name) - names.indexOf(other.name))
  const views = { read: await viewsThere(pair.pg), wanted: viewsCarried(pair, tables) }
  return { read: [before, behind, inOrder, views.read], wanted: [[], [], wanted, views.wanted] }
}

/** Those of Lockstep with SQLite's text of each, as PostgreSQL has kept it. */
async function viewsThere(client: Client): Promise<Set<string>> {
  await client.query('BEGIN')
  const views = await readViews(client, 'public')
  await client.query('COMMIT')
  const own = [...views.values()].filter(({ source }) => source !== null)
  return new Set(own.map(({ name, source }) => `${name}: ${source}`))
}

/** All that SQLite has, but those that a finding names. */
function viewsCarried({ sqlite }: Pair, tables: readonly Table[]): Set<string> {
  const { carried, findings } = carryViews(applicationViews(sqlite), tables, 'public')
  const views = sqlite
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'view'`)
    .raw()
    .all() as [string, string][]
  const named = findings.filter(({ code }) => code === 'VIEW_NOT_CARRIED').map(({ table }) => table)
  expect(carried).toHaveLength(views.length - named.length)
  const there = views.filter(([name]) => !named.includes(name))
  return new Set(there.map(([name, sql]) => `${name}: ${sql}`))
}

async function outOfStep({ db }: Pair): Promise<unknown[]> {
  const { statements, obstacles, sqlite } = await db.syncSchema()
  return [...statements, ...obstacles, ...sqlite]
}

/** The columns that `assess` suggests for a file, as the configuration would have them. */
async function suggested({ db }: Pair): Promise<LockstepOptions['columns']> {
  const { configuration } = await db.assess()
  return ((parse(configuration) ?? {}) as Pick<LockstepOptions, 'columns'>).columns
}

describe('what PostgreSQL has after a journey is the model', () => {
  for (const name of ['chinook.sqlite', 'northwind.sqlite'])
    describeWithData(name, (from) => {
      test('of the file, with its rows', async () => {
        await using pair = await openPair({ schema: '', stage: 'plain' })
        loadSample(pair.sqlite, from)
        const { read, wanted } = await roundTrip(pair)
        expect(read).toEqual(wanted)
      }, 120_000)
    })

  describeWithData('apps.jsonl', (path) => {
    test.each(appSchemas(path))(
      'of $app with rows, and the types that fit them',
      async ({ sql }) => {
        let columns: LockstepOptions['columns']
        {
          await using probe = await openPair({ schema: '', stage: 'plain' })
          makeSchema(probe.sqlite, sql)
          fill(probe.sqlite, 20)
          columns = await suggested(probe)
        }
        expect(Object.keys(columns ?? {})).not.toEqual([])
        const options = columns === undefined ? {} : { columns }
        await using pair = await openPair({ schema: '', stage: 'plain', options })
        makeSchema(pair.sqlite, sql)
        fill(pair.sqlite, 20)
        const { read, wanted } = await roundTrip(pair)
        expect(read).toEqual(wanted)
      },
      120_000,
    )
  })

  test('of schemas that chance has made', async () => {
    await fc.assert(
      fc.asyncProperty(schemas, async ({ sql, columns }) => {
        await using pair = await openPair({ schema: sql, stage: 'plain', options: { columns } })
        const { read, wanted } = await roundTrip(pair)
        expect(read).toEqual(wanted)
      }),
      { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 10) },
    )
  }, 600_000)
})

test('a difference of any part is seen by who reads the catalogs back', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x', b INTEGER REFERENCES p ON DELETE CASCADE);
      CREATE INDEX i ON t (a COLLATE NOCASE DESC, b)`,
    stage: 'flipped',
  })
  const tables = installedTables(pair.sqlite)
  const [, table] = tables
  if (table === undefined) throw new Error('There is no table')
  const wanted = await expected(pair.pg, table, tables)
  expect(await readBack(pair.pg, ['t'])).toEqual([wanted])
  const changes = [
    'ALTER TABLE t ALTER a DROP DEFAULT',
    `ALTER TABLE t ALTER a SET DEFAULT 'y'`,
    'ALTER TABLE t ALTER a SET NOT NULL',
    'ALTER TABLE t ALTER a TYPE text COLLATE "default"',
    'ALTER TABLE t ALTER id DROP IDENTITY',
    'DROP INDEX i; CREATE INDEX i ON t (lower(a COLLATE "C") DESC, b NULLS FIRST)',
    'DROP INDEX i; CREATE INDEX i ON t (a DESC NULLS LAST, b NULLS FIRST)',
    'DROP INDEX i; CREATE UNIQUE INDEX i ON t (lower(a COLLATE "C") DESC NULLS LAST, b NULLS FIRST)',
    'ALTER TABLE t DROP CONSTRAINT lockstep_fk_2_1',
    'ALTER TABLE t DROP CONSTRAINT lockstep_fk_2_1, ADD CONSTRAINT lockstep_fk_2_1 FOREIGN KEY (b) REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED',
  ]
  for (const change of changes) {
    await pair.pg.query(`BEGIN; ${change}`)
    expect([change, await readBack(pair.pg, ['t'])]).not.toEqual([change, [wanted]])
    await pair.pg.query('ROLLBACK')
  }
})

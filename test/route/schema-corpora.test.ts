import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { isLockstepError } from '../../src/core/errors.ts'
import { splitScript } from '../../src/sql/script.ts'
import { analyze } from '../../src/sql/statement.ts'
import { describeWithData } from '../support/data.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

/** Every change of a real schema, one statement after the other, through Lockstep and on SQLite alone. */
type Change = readonly [sql: string, params: readonly unknown[]]

const stages = ['mirrored', 'flipped'] as const
const begin = 'CREATE TABLE before (id INTEGER PRIMARY KEY)'
const end = 'DROP TABLE before'

/** What only SQLite can have, and what it says of tables that are then not there. */
function isRefused(error: Error | null): boolean {
  return (
    isLockstepError(error, 'SQL_UNSUPPORTED') &&
    /^(?:CREATE VIRTUAL TABLE|The trigger) /.test(error.message)
  )
}

async function replay(pair: Pair, changes: readonly Change[]): Promise<Database.Database> {
  const plain = new Database(':memory:')
  plain.exec(begin)
  for (const [sql, params] of [...changes, [end, []] as Change]) {
    const refusal = await pair.db.run(sql, params).then(
      () => null,
      (error: unknown) => error as Error,
    )
    if (isRefused(refusal)) continue
    const failure = attempt(() => plain.prepare(sql).run(...params))
    const message = refusal?.message ?? null
    expect([sql, message]).toEqual([sql, failure])
  }
  return plain
}

function attempt(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

const schemaQuery =
  'SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name'

/** What stands on PostgreSQL, with names that do not hang on the numbers of tables; keys are validated in the end. */
async function carried(pair: Pair): Promise<unknown> {
  const rows = await pair.pgRows(`
    SELECT concat_ws(' | ', 'column', table_name, column_name, data_type, is_nullable, column_default, collation_name,
                     generation_expression)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT concat_ws(' | ', 'index', tablename, indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat_ws(' | ', 'constraint', conrelid::regclass, replace(pg_get_constraintdef(oid), ' NOT VALID', ''))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f')
    UNION ALL SELECT concat_ws(' | ', 'trigger', tgrelid::regclass, tgname)
      FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE 'lockstep%'`)
  return rows
    .map((row) => String(row[0]).replaceAll(/lockstep_(pk|uq|ix|seq|fk)_\d+/g, 'lockstep_$1'))
    .toSorted()
}

/** What the changes have led to, and what the schema leads to where it comes at once. */
async function outcomes(
  pair: Pair,
  plain: Database.Database,
  stage: (typeof stages)[number],
): Promise<readonly [unknown, unknown]> {
  const wanted = plain.prepare(schemaQuery).raw().all()
  const texts = plain
    .prepare(
      String.raw`SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`,
    )
    .pluck()
    .all()
  plain.close()
  await using fresh = await openPair({ schema: texts.join(';\n') })
  // Triggers that speak of virtual tables have no twin on PostgreSQL.
  if (stage === 'flipped') await flip(fresh.db, { force: true })
  return [
    [await pair.db.values(schemaQuery), await pair.differences(), await carried(pair)],
    [wanted, [], await carried(fresh)],
  ]
}

describeWithData('apps.jsonl', (path) => {
  const schemas = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { app: string; kind: string; sql: string })
    .filter(({ kind }) => kind === 'schema')
  const cases = schemas.map(({ app, sql }) => [app, sql] as const)

  test.each(cases)(
    'the schema of %s comes statement by statement on both places',
    async (_, sql) => {
      await using pair = await openPair({ schema: begin, stage: 'flipped' })
      const plain = await replay(
        pair,
        splitScript(sql).map((each) => [each, []]),
      )
      const [found, wanted] = await outcomes(pair, plain, 'flipped')
      expect(found).toEqual(wanted)
    },
  )
})

describeWithData('traces/claude-mem.jsonl.gz', (path) => {
  test.each(stages)('the migrations of claude-mem run in stage %s', async (stage) => {
    await using pair = await openPair({ schema: begin, stage })
    const plain = await replay(pair, migrationsOf(path))
    const [found, wanted] = await outcomes(pair, plain, stage)
    expect(found).toEqual(wanted)
  })
})

/** The changes of the database with the longest history, and the rows that they bring along. */
function migrationsOf(path: string): readonly Change[] {
  const histories = new Map<string, Change[]>()
  for (const line of gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')) {
    const {
      db,
      m,
      sql,
      params = [],
    } = JSON.parse(line) as {
      db: string
      m: string
      sql?: string
      params?: unknown[]
    }
    if (m === 'open') histories.set(db, [])
    for (const each of sql === undefined ? [] : splitScript(sql)) {
      const { kind } = analyze(each)
      const isMigration = kind === 'ddl' || (kind === 'insert' && params.length === 0)
      if (isMigration) histories.get(db)?.push([each, params])
    }
  }
  const [longest] = [...histories.values()].toSorted((a, b) => b.length - a.length)
  return longest ?? []
}

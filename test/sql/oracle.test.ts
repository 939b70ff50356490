import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { bindArguments } from '../../src/sql/bind.ts'
import { analyze } from '../../src/sql/statement.ts'
import { describeWithData, sharedData } from '../support/data.ts'

type Driver = InstanceType<typeof Database>

/** What the driver says of a statement, or null where it does not prepare. */
function oracle(database: Driver, sql: string): { readonly: boolean; reader: boolean } | null {
  try {
    const { readonly, reader } = database.prepare(sql)
    return { readonly, reader }
  } catch {
    return null
  }
}

/** Differences between the analysis and the driver; the one that is expected is left out. */
function difference(database: Driver, sql: string): string | null {
  const theirs = oracle(database, sql)
  if (theirs === null) return null
  const statement = analyze(sql)
  const nothingToDo = statement.kind === 'ddl' && theirs.readonly
  if (statement.readonly !== theirs.readonly && !nothingToDo) return `readonly: ${sql}`
  if (statement.returnsRows !== theirs.reader) return `reader: ${sql}`
  if (statement.kind !== 'select') return null
  const named = new Set(statement.tables.map((table) => table.toLowerCase()))
  const missing = opened(database, sql).filter((table) => !named.has(table.toLowerCase()))
  return missing.length > 0 ? `tables ${missing.join(', ')}: ${sql}` : null
}

/** The tables that the compiled program of a query over no view opens. */
function opened(database: Driver, sql: string): string[] {
  const views = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").pluck()
  const text = sql.toLowerCase()
  if (views.all().some((view) => text.includes(String(view).toLowerCase()))) return []
  const tables = new Map(
    database
      .prepare("SELECT rootpage, tbl_name FROM sqlite_schema WHERE type IN ('table', 'index')")
      .raw()
      .all() as [number, string][],
  )
  const program = database.prepare(`EXPLAIN ${sql}`)
  // Only the parameters' number matters to EXPLAIN, not their values.
  const named = Object.fromEntries(
    analyze(sql).parameters.flatMap(({ name }) => (name === null ? [] : [[name, null]])),
  )
  const anonymous = analyze(sql).parameters.filter(({ name }) => name === null)
  const rows = program.all(
    named,
    anonymous.map(() => null),
  ) as {
    opcode: string
    p2: number
    p3: number
  }[]
  return rows
    .filter(({ opcode, p3 }) => opcode === 'OpenRead' && p3 === 0)
    .flatMap(({ p2 }) => tables.get(p2) ?? [])
}

test('every pragma is classified as the driver does, with and without a value', () => {
  const database = new Database(':memory:').exec('CREATE TABLE t (a)')
  const names = (database.pragma('pragma_list') as { name: string }[]).map(({ name }) => name)
  const forms = [...names, 'unknown'].flatMap((name) => [
    `PRAGMA ${name}`,
    `PRAGMA ${name} = 1`,
    `PRAGMA main.${name}(t)`,
  ])
  expect(forms.length).toBeGreaterThan(150)
  expect(forms.map((sql) => difference(database, sql)).filter(Boolean)).toEqual([])
  database.close()
})

interface Hard {
  sql: string
  params?: unknown[] | Record<string, unknown>
  sqlite?: { error?: string }
}

describeWithData('statements.json', (path) => {
  const statements = JSON.parse(readFileSync(path, 'utf8')) as Hard[]
  const database = new Database(':memory:')
  const fixture = sharedData('fixture.sqlite.sql')
  if (fixture !== null) database.exec(readFileSync(fixture, 'utf8'))

  test('each is what SQLite says it is', () => {
    expect(statements.map(({ sql }) => difference(database, sql)).filter(Boolean)).toEqual([])
    expect(statements.filter(({ sql }) => oracle(database, sql)).length).toBeGreaterThan(220)
  })

  test('each takes its parameters', () => {
    for (const { sql, params = [] } of statements) {
      if (oracle(database, sql) === null) continue
      const values = Array.isArray(params) ? params.map(decode) : params
      const statement = analyze(sql)
      expect(bindArguments(statement, [values])).toHaveLength(statement.postgres.slots.length)
    }
  })
})

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$bigint' in value) return BigInt(String(value.$bigint))
  return '$blob' in value ? Buffer.from(String(value.$blob), 'hex') : value
}

interface Call {
  m: string
  db: string
  sql?: string
  params?: unknown
}

function runDdl(database: Driver, sql: string): void {
  try {
    database.exec(sql)
  } catch {
    // The suite tests failures as well.
  }
}

describeWithData('traces/drizzle.jsonl.gz', (path) => {
  test('each statement of the trace is what SQLite says it is when its turn comes', () => {
    const calls = gunzipSync(readFileSync(path)).toString().trim().split('\n')
    const databases = new Map<string, Driver>()
    const seen = new Map<string, number>()
    const problems: (string | null)[] = []
    for (const line of calls) {
      const { m, db, sql } = JSON.parse(line) as Call
      if (m === 'open') databases.set(db, new Database(':memory:'))
      if (m === 'close') databases.get(db)?.close()
      const database = databases.get(db)
      if (database === undefined || sql === undefined) continue
      if (!seen.has(sql)) problems.push(difference(database, sql))
      seen.set(sql, (seen.get(sql) ?? 0) + (oracle(database, sql) ? 1 : 0))
      if (/^\s*(create|drop|alter)/i.test(sql)) runDdl(database, sql)
    }
    expect(problems.filter(Boolean)).toEqual([])
    expect([...seen.values()].filter((times) => times > 0).length).toBeGreaterThan(300)
  })
})

describe('the oracle', () => {
  test('it catches a table that the analysis leaves out', () => {
    const database = new Database(':memory:').exec('CREATE TABLE t (a)')
    expect(opened(database, 'SELECT a FROM t')).toEqual(['t'])
    database.close()
  })
})

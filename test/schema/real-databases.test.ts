import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Finding } from '../../src/schema/model.ts'
import { dropForeignKeys } from '../../src/schema/postgres-foreign-keys.ts'
import { describeWithData } from '../support/data.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { carry, modelOf, run } from './carry.ts'

let database: TestDatabase
let client: Client

beforeEach(async () => {
  database = await createDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
}, 60_000)

afterEach(async () => {
  await client.end()
  await database.drop()
})

function codesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => finding.code))].toSorted()
}

const expected = {
  'chinook.sqlite': { rows: 15_607, codes: [] },
  'northwind.sqlite': { rows: 3_310, codes: ['CHECK_NOT_CARRIED'] },
}

for (const [file, { rows, codes }] of Object.entries(expected)) {
  describeWithData(file, (path) => {
    test('every row arrives on PostgreSQL and decodes to what SQLite holds', async () => {
      const db = new Database(path, { readonly: true })
      const { schema, findings } = modelOf(db)
      const carried = await carry(client, db, schema)
      db.close()
      expect(carried.unencodable).toEqual([])
      expect(carried.rows).toBe(rows)
      expect(codesOf([...findings, ...carried.findings])).toEqual(codes)
    }, 60_000)
  })
}

interface AppSchema {
  readonly app: string
  readonly kind: string
  readonly sql: string
}

/** What each application's schema leaves for the operator to decide; everything else is carried. */
const decisions: Readonly<Record<string, string[]>> = {
  'uptime-kuma': ['CHECK_NOT_CARRIED'],
  memos: ['CHECK_NOT_CARRIED'],
  jellyseerr: [],
  'claude-mem': ['CHECK_NOT_CARRIED', 'VIRTUAL_TABLE'],
  mem0: [],
}

describeWithData('apps.jsonl', (path) => {
  const schemas = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AppSchema)
    .filter((line) => line.kind === 'schema')

  test.each(schemas)(
    'the schema of $app runs on PostgreSQL, or says what does not',
    async (each) => {
      const db = new Database(':memory:')
      db.exec(each.sql)
      const { schema, findings } = modelOf(db)
      const carried = await carry(client, db, schema)
      for (const table of schema.tables) await run(client, dropForeignKeys(table, 'public'))
      db.close()
      expect(codesOf([...findings, ...carried.findings])).toEqual(decisions[each.app])
      const { rows } = await client.query<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
      )
      expect(rows.map((row) => row.name).toSorted()).toEqual(
        schema.tables.map((table) => table.name).toSorted(),
      )
    },
    60_000,
  )
})

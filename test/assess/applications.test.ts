import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { splitScript } from '../../src/sql/script.ts'
import { describeWithData } from '../support/data.ts'
import { openPair } from '../support/pair.ts'
import { createFile } from './shop.ts'

interface Entry {
  readonly app: string
  readonly kind: 'schema' | 'query'
  readonly sql: string
}

/** What translates today; what does not begins transactions, sets PRAGMAs or searches FTS tables. */
const floors: Readonly<Record<string, number>> = {
  'uptime-kuma': 98.6,
  memos: 90,
  jellyseerr: 100,
  'claude-mem': 95,
  mem0: 90,
}

/** Statements of real applications over their own schemas: how many need a hand. */
describeWithData('apps.jsonl', (path) => {
  const entries = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
  const schemas = entries.filter(({ kind }) => kind === 'schema')

  test('has five applications', () => {
    expect(schemas).toHaveLength(5)
  })

  test.each(schemas)('the statements of $app are judged, each with a reason', async (schema) => {
    using file = createFile('')
    const db = new Database(file.path)
    const failed: unknown[] = []
    // A statement for a shadow table of a virtual one, which SQLite makes itself, fails.
    for (const statement of splitScript(schema.sql)) {
      try {
        db.exec(statement)
      } catch (error) {
        failed.push(error)
      }
    }
    db.close()
    expect(failed.filter((error) => !/reserved|already exists/.test(String(error)))).toEqual([])
    const queries = entries.filter(({ app, kind }) => app === schema.app && kind === 'query')
    const folder = join(file.folder, 'queries.sql')
    writeFileSync(folder, queries.map(({ sql }) => `${sql.replace(/;\s*$/, '')}\n;\n`).join(''))
    const report = await file.statements([folder])
    expect(report.statements.length).toBeGreaterThanOrEqual(queries.length)
    expect(report.percent).toBeGreaterThanOrEqual(floors[schema.app] ?? 100)
    const rest = report.statements.filter(({ verdict }) => verdict !== 'translates')
    for (const { reason, code, line } of rest) {
      expect(reason).not.toBeNull()
      expect(code).toMatch(/^SQL/)
      expect(line).toBeGreaterThan(0)
    }
  })

  test.each(schemas)(
    'PostgreSQL takes what the statements of $app become',
    async ({ app, sql }) => {
      await using pair = await openPair({ schema: '', stage: 'plain' })
      for (const statement of splitScript(sql)) {
        if (!/\bfts/i.test(statement)) pair.sqlite.exec(statement)
      }
      await pair.db.install()
      await pair.db.applySchema()
      const script = join(dirname(pair.path), 'queries.sql')
      const queries = entries.filter((entry) => entry.app === app && entry.kind === 'query')
      writeFileSync(
        script,
        queries.map((entry) => `${entry.sql.replace(/;\s*$/, '')}\n;\n`).join(''),
      )
      const { sql: report } = await pair.db.assess({ sql: [script] })
      expect(report?.notPrepared).toBeNull()
      const refused = report?.statements.filter(({ reason }) => reason?.startsWith('PostgreSQL'))
      expect(refused?.map(({ sql, reason }) => `${reason}: ${sql}`)).toEqual([])
    },
  )
})

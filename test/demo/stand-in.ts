import Database from 'better-sqlite3'
import { Client } from 'pg'
import type { FlipReport, Lockstep, Status } from '../../src/api.ts'
import { quoteIdentifier as quote } from '../../src/schema/quote.ts'
import { schemaReader } from '../../src/move/install.ts'
import { readSchema } from '../../src/schema/read.ts'
import type { CreateLockstep } from '../../src/demo/run-demo.ts'
import { plainDatabase } from './plain-database.ts'

const types: [pattern: RegExp, type: string][] = [
  [/INT|BOOL/, 'bigint'],
  [/BLOB/, 'bytea'],
  [/REAL/, 'double precision'],
]

/** Lockstep as a fraud would build it: it makes the tables, says that all is well, and moves nothing. */
export const createFraud: CreateLockstep = async ({ sqlite, postgres }) => {
  const db = plainDatabase(sqlite.path)
  let primary: 'sqlite' | 'postgres' = 'sqlite'
  const flip = async (to: 'sqlite' | 'postgres'): Promise<FlipReport> => {
    const from = primary
    primary = to
    return await Promise.resolve({ from, to, epoch: 1, pauseMs: 1, drained: 0 })
  }
  const parts: Partial<Lockstep> = {
    ...db,
    install: async () => await Promise.resolve({ tables: [], findings: [] }),
    applySchema: async () => {
      await createTables(sqlite.path, postgres.connectionString)
      return { statements: [], findings: [] }
    },
    backfill: async ({ onProgress } = {}) => {
      onProgress?.({
        phase: 'copy',
        table: 'orders',
        rows: 1,
        total: 2,
        rowsPerSecond: 1500,
        timeLeftMs: 100,
        waiting: null,
      })
      return await Promise.resolve({ tables: [], findings: [], ms: 0 })
    },
    caughtUp: async () => await Promise.resolve(),
    setFlags: async () => await Promise.resolve({} as Awaited<ReturnType<Lockstep['setFlags']>>),
    verify: async () => {
      const table = { table: 'orders', rows: 1, equal: true, missing: 0, extra: 0, different: 0 }
      return await Promise.resolve({ equal: true, tables: [table], differences: [], problems: [] })
    },
    ready: async () => await Promise.resolve({ ready: true, gates: [] }),
    flip,
    rollback: async () => await flip('sqlite'),
    complete: async () => await Promise.resolve(),
    status: async () =>
      await Promise.resolve({
        stage: 'mirror',
        primary,
        lag: { entries: 0, ms: 0 },
        quarantine: 0,
        counters: { reads: { sqlite: 1, postgres: 1 } },
      } as Status),
    close: async () => {
      db.close()
      await Promise.resolve()
    },
  }
  return await Promise.resolve(parts as Lockstep)
}

async function createTables(file: string, url: string): Promise<void> {
  const db = new Database(file, { readonly: true })
  const { tables } = readSchema(schemaReader(db))
  db.close()
  const client = new Client({ connectionString: url })
  await client.connect()
  for (const { name, columns } of tables) {
    const list = columns.map((column) => {
      const declared = column.declaredType.toUpperCase()
      const type = types.find(([pattern]) => pattern.test(declared))?.[1] ?? 'text'
      return `${quote(column.name)} ${type}`
    })
    await client.query(`CREATE TABLE ${quote(name)} (${list.join(', ')})`)
  }
  await client.end()
}

import Database from 'better-sqlite3'
import { Client } from 'pg'
import type { History } from './history.ts'
import type { Pair } from './pair.ts'
import { schema, seedRows, tables, type Operation } from './workload.ts'

/** Every row of every table as text, sorted; by table. */
export type State = Record<string, readonly string[]>

export function stateOfSqlite(path: string): State {
  const db = new Database(path, { readonly: true })
  try {
    return stateOf(db)
  } finally {
    db.close()
  }
}

export async function stateOfPostgres(url: string): Promise<State> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const state: Record<string, string[]> = {}
    for (const [table, columns] of Object.entries(tables)) {
      const { rows } = await client.query<unknown[]>({
        text: `SELECT ${columns.map((column) => `${column}::text`).join(', ')} FROM ${table}`,
        rowMode: 'array',
      })
      state[table] = rows.map((row) => JSON.stringify(row)).toSorted()
    }
    return state
  } finally {
    await client.end()
  }
}

function stateOf(db: Database.Database): State {
  const state: Record<string, string[]> = {}
  for (const [table, columns] of Object.entries(tables)) {
    const text = columns.map((column) =>
      // PostgreSQL writes a real that is whole without a point; SQLite with one.
      column === 'share'
        ? `CASE WHEN share = CAST(share AS INTEGER) THEN CAST(CAST(share AS INTEGER) AS TEXT) ELSE CAST(share AS TEXT) END`
        : `CAST(${column} AS TEXT)`,
    )
    const rows = db
      .prepare(`SELECT ${text.join(', ')} FROM ${table}`)
      .raw()
      .all()
    state[table] = rows.map((row) => JSON.stringify(row)).toSorted()
  }
  return state
}

/**
 * What is wrong with the rows of both places, each line one fault; nothing where all is well. The
 * acknowledged operations must be there exactly once, in their order, the failed ones nowhere, and each
 * unknown one wholly or not at all: so the state must be that of one of these histories.
 */
export async function faultsOf(
  pair: Pair,
  operations: readonly Operation[],
  history: History,
): Promise<string[]> {
  const sqlite = stateOfSqlite(pair.sqlite)
  const postgres = await stateOfPostgres(pair.postgres)
  const apart = differences(sqlite, postgres).map((line) => `the places differ: ${line}`)
  return [...apart, ...lostOrDoubled(sqlite, pair.bulk, operations, history)]
}

/** Compares one place with every history that the log allows. */
export function lostOrDoubled(
  state: State,
  bulk: number,
  operations: readonly Operation[],
  history: History,
): string[] {
  const inDoubt = [...history].filter(([, fate]) => fate === 'unknown').map(([index]) => index)
  const present = inDoubt.filter((index) => isMarked(state, operations[index]))
  const unknown = inDoubt.filter((index) => isMarked(state, operations[index]) === undefined)
  let closest: string[] | undefined
  for (let chosen = 0; chosen < 2 ** unknown.length; chosen++) {
    const happened = new Set(unknown.filter((_, bit) => (chosen & (1 << bit)) !== 0))
    for (const index of present) happened.add(index)
    const faults = differences(state, replay(bulk, operations, history, happened))
    if (faults.length === 0) return []
    if (closest === undefined || faults.length < closest.length) closest = faults
  }
  return (closest ?? []).map((line) => `not what was acknowledged: ${line}`)
}

/**
 * Whether an operation that begins with a new account is there at all, by that account; so that many
 * in doubt need not be tried in every combination. Undefined for other operations.
 */
function isMarked(state: State, operation: Operation | undefined): boolean | undefined {
  const [first] = operation ?? []
  if (first?.sql.startsWith('INSERT INTO accounts') !== true) return undefined
  return (state['accounts'] ?? []).some((row) => row.startsWith(`["${first.params[0]}",`))
}

function replay(
  bulk: number,
  operations: readonly Operation[],
  history: History,
  happened: ReadonlySet<number>,
): State {
  const db = new Database(':memory:')
  try {
    db.exec(schema)
    for (const { sql, params } of seedRows(bulk)) db.prepare(sql).run(...params)
    for (const [index, fate] of history) {
      if (fate === 'failed' || (fate === 'unknown' && !happened.has(index))) continue
      const all = db.transaction((operation: Operation) => {
        for (const { sql, params } of operation) db.prepare(sql).run(...params)
      })
      try {
        all(operations[index] as Operation)
      } catch (error) {
        // An operation in doubt may have been one that is refused; an acknowledged one is not.
        if (fate === 'acknowledged') throw error
      }
    }
    return stateOf(db)
  } finally {
    db.close()
  }
}

function differences(left: State, right: State): string[] {
  return Object.keys(tables).flatMap((table) => {
    const [mine, theirs] = [left[table] ?? [], right[table] ?? []]
    const extra = without(mine, theirs).map((row) => `${table} has ${row}`)
    const missing = without(theirs, mine).map((row) => `${table} has not ${row}`)
    return [...extra, ...missing]
  })
}

/** Counts each row, so that one that is there twice is seen. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return rows.filter((row) => {
    const at = left.indexOf(row)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

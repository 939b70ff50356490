import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { sharedData } from '../../support/data.ts'
import { runAndObserve, statementsOf } from '../case.ts'
import { TypeMemory } from '../learn-types.ts'
import { Score } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'
import { openSqlite } from '../sqlite-side.ts'
import { leavesSameState, Twin } from '../twin.ts'

interface Entry {
  readonly db: string
  readonly seq: number
  readonly m: string
  readonly sql?: string
  readonly params?: readonly unknown[]
}

interface Call {
  readonly seq: number
  readonly sql: string
  readonly args: readonly unknown[]
}

/**
 * What an application sent to better-sqlite3, replayed on both places: each of its databases is one state
 * that goes on. After a statement that was not identical PostgreSQL is made equal again, so that each is
 * judged by itself. @param every replays one of so many databases
 */
export async function replayTrace(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  name: string,
  { every = 1 }: { every?: number } = {},
): Promise<Score | null> {
  const path = sharedData(`traces/${name}.jsonl.gz`)
  if (path === null) return null
  const databases = readTrace(path)
  const score = new Score()
  for (const [index, calls] of databases.entries()) {
    if (index % every === 0) await replay(server, makeTranslator, calls, score, name)
  }
  return score
}

async function replay(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  calls: readonly Call[],
  score: Score,
  name: string,
): Promise<void> {
  await server.renew()
  const twin = await Twin.open(server, { makeTranslator, types: learnFrom(calls) })
  try {
    for (const { seq, sql, args } of calls) {
      for (const statement of statementsOf([sql])) {
        const { outcome, kind } = await twin.run(statement, args)
        // The schema of an application was there before Lockstep came, whatever it is made of.
        if (outcome === null || kind === 'ddl') {
          score.leaveOut(kind)
          continue
        }
        score.add(`${name} ${seq}`, statement, outcome)
        if (!leavesSameState(outcome)) twin.forget()
      }
    }
  } finally {
    await twin.close()
  }
}

function learnFrom(calls: readonly Call[]): TypeMemory {
  const types = new TypeMemory()
  const db = openSqlite()
  for (const { sql, args } of calls)
    for (const statement of statementsOf([sql])) runAndObserve(db, types, statement, args)
  db.close()
  return types
}

/** The calls of each database, in the order in which they came. */
function readTrace(path: string): readonly (readonly Call[])[] {
  const databases = new Map<string, Call[]>()
  for (const line of gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')) {
    const { db, seq, m, sql, params = [] } = JSON.parse(line) as Entry
    if (m === 'open') databases.set(db, [])
    if (sql !== undefined) databases.get(db)?.push({ seq, sql, args: params.map(valueOf) })
  }
  return [...databases.values()]
}

/** `{"$big"}`, `{"$b64"}` and `{"$num"}` stand for what JSON does not have. */
function valueOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { $big, $b64, $num } = value as { $big?: string; $b64?: string; $num?: string }
  if ($big !== undefined) return BigInt($big)
  if ($b64 !== undefined) return Buffer.from($b64, 'base64')
  if ($num !== undefined) return Number($num)
  // An object holds the values of named parameters.
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, valueOf(each)]))
}

import Database from 'better-sqlite3'
import { onePrimary, type End } from './go-on.ts'
import { stateOfPostgres, stateOfSqlite } from './judge.ts'
import { queryPostgres } from './query.ts'

/**
 * PostgreSQL goes on alone, free of capture and fence; the SQLite file takes no writes. What gives keys as
 * SQLite does stays, for the application that goes on through Lockstep.
 */
export const completed: End = async (db, pair, faultsIn) => {
  const left = await queryPostgres(
    pair.postgres,
    `SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname <> 'lockstep_key'`,
  )
  const entries = await queryPostgres(pair.postgres, 'SELECT seq FROM lockstep.journal')
  return [
    ...left.map((row) => `PostgreSQL still has ${JSON.stringify(row)}`),
    ...entries.map((row) => `PostgreSQL still journals: ${JSON.stringify(row)}`),
    ...faultsIn(await stateOfPostgres(pair.postgres)),
    ...(await onePrimary(db, pair)),
  ]
}

/** Nothing of Lockstep is left on either place, and the application goes on with SQLite. */
export const uninstalled: End = async (_, pair, faultsIn) => {
  const file = new Database(pair.sqlite, { readonly: true })
  const traces = file
    .prepare(`SELECT name FROM sqlite_schema WHERE name LIKE '%lockstep%' OR sql LIKE '%lockstep%'`)
    .all()
  file.close()
  const left = await queryPostgres(
    pair.postgres,
    `SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'lockstep'`,
  )
  return [
    ...[...traces, ...left].map((trace) => `there is still ${JSON.stringify(trace)}`),
    ...faultsIn(stateOfSqlite(pair.sqlite)),
  ]
}

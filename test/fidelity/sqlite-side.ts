import Database from 'better-sqlite3'
import { sqliteArguments } from '../../src/sql/bind.ts'
import type { Statement } from '../../src/sql/statement.ts'
import type { Value } from '../../src/values/value.ts'
import { failed, type Answer } from './answer.ts'

/** A file of its own in memory, as better-sqlite3 opens one: foreign keys are enforced. */
export function openSqlite(): Database.Database {
  const db = new Database(':memory:')
  db.defaultSafeIntegers(true)
  return db
}

/** @param statement what is known of the text, where it can be read */
export function runOnSqlite(
  db: Database.Database,
  sql: string,
  args: readonly unknown[],
  statement: Statement | null,
): Answer {
  try {
    const prepared = db.prepare(sql)
    const bound = statement === null ? args : sqliteArguments(statement, args)
    if (!prepared.reader) {
      const { changes, lastInsertRowid } = prepared.run(...bound)
      return { kind: 'changed', changes, lastInsertRowid: BigInt(lastInsertRowid) }
    }
    const rows = prepared.raw().all(...bound) as Value[][]
    return { kind: 'rows', names: prepared.columns().map(({ name }) => name), rows }
  } catch (error) {
    return failed(error)
  }
}

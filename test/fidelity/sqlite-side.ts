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
    if (writesFiles(sql, statement)) throw new TypeError('The measure writes no files')
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

/** `VACUUM INTO` and `ATTACH` of a file would leave something behind. */
function writesFiles(sql: string, statement: Statement | null): boolean {
  if (statement?.kind === 'vacuum') return /\binto\b/i.test(sql)
  return statement?.kind === 'attach' && /^\s*attach/i.test(sql) && !/:memory:|''/.test(sql)
}

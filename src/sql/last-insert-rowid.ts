import type { InsertStmt } from 'sqlite3-parser'
import { LockstepError } from '../core/errors.ts'
import type { Relation } from './catalog.ts'

/** The rowid of the row that SQLite's connection inserted last, or why nobody knows it here. */
export type LastInsertRowid = bigint | UnknownRowid

export interface UnknownRowid {
  /** What the row went into; null where the INSERT ran before all that is known. */
  readonly table: string | null
  /** The INSERT has failed, perhaps behind a row that SQLite had numbered. */
  readonly failed?: boolean
}

/**
 * SQLite numbers the rows of such a table as well, by a rowid that no column shows and that VACUUM may change.
 * PostgreSQL has none. https://www.sqlite.org/rowidtable.html
 */
export function hasUnknownRowids({ kind, rowid, withoutRowid }: Relation): boolean {
  return kind === 'table' && rowid === null && withoutRowid !== true
}

/** Whether an INSERT that fails of a constraint has certainly not given a rowid before. */
export function insertsOneRow({ body }: InsertStmt): boolean {
  if (body.type !== 'SelectInsertBody') return true
  const { select: rows, compounds = [] } = body.select
  const isPlain = rows.type === 'SelectFrom' ? rows.from === undefined : rows.values.length === 1
  return isPlain && compounds.length === 0
}

/** @throws LockstepError ROWID_UNKNOWN */
export function knownRowid(last: LastInsertRowid): bigint {
  if (typeof last === 'bigint') return last
  const { table, failed = false } = last
  if (table === null)
    throw new LockstepError('ROWID_UNKNOWN', 'What the last INSERT before this gave is not known', {
      details: { construct: 'last_insert_rowid()' },
    })
  const why = failed
    ? `An INSERT into "${table}" has failed, and SQLite may have given a rowid before it did`
    : `The last row went into "${table}", whose rows have a rowid on SQLite alone, as its key is no INTEGER PRIMARY KEY`
  const wayOut = 'Ask for the key of the row with RETURNING'
  throw new LockstepError('ROWID_UNKNOWN', `${why}. ${wayOut}`, {
    details: { construct: 'last_insert_rowid()', table, wayOut },
  })
}

/** better-sqlite3's answer to `run`. */
export interface RunAnswer {
  readonly changes: number
  readonly lastInsertRowid: number | bigint
}

/**
 * Most callers never look at `lastInsertRowid`. So where it is unknown it fails those that do, and it is not
 * enumerable, so that a copy of the answer, its JSON and a look at it in a log are made without it.
 */
export function runAnswer(
  changes: number,
  last: LastInsertRowid,
  safeIntegers: boolean,
): RunAnswer {
  if (typeof last === 'bigint')
    return { changes, lastInsertRowid: safeIntegers ? last : Number(last) }
  const answer = { changes }
  Object.defineProperty(answer, 'lastInsertRowid', {
    enumerable: false,
    configurable: true,
    get: () => knownRowid(last),
  })
  return answer as RunAnswer
}

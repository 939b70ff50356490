import { isLockstepError, LockstepError, messageOf, type ErrorCode } from '../core/errors.ts'
import { isUnreachable } from '../postgres/errors.ts'
import { ReadTimeoutError } from '../postgres/read-connections.ts'
import type { Translation } from '../sql/translation.ts'
import type { CappedAnswer } from '../sqlite/capped-read.mjs'
import type { Answer } from './compare.ts'

/** A query with its arguments as the application gave them. */
export interface Query {
  readonly sql: string
  readonly args: readonly unknown[]
  /** So many rows of it at most, where it is not `shadow.maxRows`. */
  readonly maxRows?: number
}

export interface PostgresAnswer extends Answer {
  readonly order: Translation['order']
  readonly ms: number
}

/** Runs a query on each place, both at one moment or both at one state. */
export interface BothPlaces {
  readonly sqlite: (query: Query) => Promise<CappedAnswer & { readonly ms: number }>
  readonly postgres: (query: Query) => Promise<PostgresAnswer>
}

/**
 * What came of running one query on both places.
 * - `unknown`: a place could not say, for reasons that are no matter of the statement, so nothing is known;
 * - `untranslated`: PostgreSQL has no form of the statement;
 * - `failed`: one place alone refuses it.
 */
export type Trial =
  | Answers
  | { readonly kind: 'unknown'; readonly reason: string; readonly away: boolean }
  | { readonly kind: 'untranslated'; readonly reason: string }
  | { readonly kind: 'failed'; readonly sqlite: string | null; readonly postgres: string | null }
  | { readonly kind: 'same-failure' }

export interface Answers {
  readonly kind: 'answers'
  readonly sqlite: SqliteAnswer
  readonly postgres: PostgresAnswer
}

export interface SqliteAnswer extends Answer {
  readonly columns: CappedAnswer['columns']
  readonly ms: number
}

/** SQLite goes first: what is too large to be compared is not asked of PostgreSQL. */
export async function tryOnBoth({ sqlite, postgres }: BothPlaces, query: Query): Promise<Trial> {
  const first = await settle(sqlite(query))
  if ('error' in first && cannotSay(first.error)) return unknown(first.error)
  if ('value' in first && first.value.isCut)
    return { kind: 'unknown', reason: 'the answer is too large to be compared', away: false }
  const second = await settle(postgres(query))
  if ('error' in second) {
    if (cannotSay(second.error)) return unknown(second.error)
    if (isUntranslated(second.error))
      return { kind: 'untranslated', reason: messageOf(second.error) }
    if ('error' in first) return { kind: 'same-failure' }
    return { kind: 'failed', sqlite: null, postgres: codeOf(second.error) }
  }
  if ('error' in first) return { kind: 'failed', sqlite: codeOf(first.error), postgres: null }
  const names = first.value.columns.map(({ name }) => name)
  return { kind: 'answers', sqlite: { ...first.value, names }, postgres: second.value }
}

type Settled<T> = { readonly value: T } | { readonly error: unknown }

async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error }
  }
}

function unknown(error: unknown): Trial {
  const away = error instanceof ReadTimeoutError || isAway(error)
  return { kind: 'unknown', reason: messageOf(error), away }
}

function isAway(error: unknown): boolean {
  return isUnreachable(error) || isLockstepError(error, 'POSTGRES_UNREACHABLE')
}

/** The server was stopped, has no room or was in the way of others: 08, 40, 53, 55, 57 and 58 of its classes. */
const ofTheServer = /^(?:08|40|53|55|57|58)/
const ofTheFile: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_INTERRUPT',
  'SQLITE_LOCKED',
  'SQLITE_NOMEM',
  'SQLITE_SCHEMA',
  'CLOSED',
])

function cannotSay(error: unknown): boolean {
  if (error instanceof ReadTimeoutError || isAway(error)) return true
  if (!(error instanceof LockstepError)) return false
  const { sqlState } = error.details as { sqlState?: string }
  return (
    ofTheFile.has(error.code) ||
    error.code === 'SERIALIZATION_FAILED' ||
    error.code.startsWith('SQLITE_IOERR') ||
    ofTheServer.test(sqlState ?? '')
  )
}

function isUntranslated(error: unknown): boolean {
  return isLockstepError(error, 'SQL_UNSUPPORTED') || isLockstepError(error, 'OVERRIDE_INVALID')
}

function codeOf(error: unknown): string {
  return error instanceof LockstepError ? error.code : messageOf(error)
}

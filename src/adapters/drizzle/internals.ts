import { entityKind, type Query, type TablesRelationalConfig } from 'drizzle-orm'
import type {
  SelectedFieldsOrdered,
  SQLiteAsyncDialect,
  SQLiteSession,
} from 'drizzle-orm/sqlite-core'
import * as drizzleUtils from 'drizzle-orm/utils'

/** Which columns of a join's other side may be missing, by table. */
type JoinsNotNullable = Record<string, boolean> | undefined

/**
 * What drizzle's own drivers use and its declarations leave out. Each is looked for when it is first used, so that
 * a version without it says so, instead of a wrong answer.
 */
interface PreparedInternals {
  joinsNotNullableMap?: JoinsNotNullable
  queryWithCache<T>(query: string, params: unknown[], run: () => Promise<T>): Promise<T>
}

interface UtilsInternals {
  mapResultRow(
    fields: SelectedFieldsOrdered,
    row: unknown[],
    joinsNotNullable: JoinsNotNullable,
  ): unknown
}

/** drizzle tells its classes by this name, so that two copies of it know each other's. */
export function nameEntity(of: object, name: string): void {
  Object.defineProperty(of, entityKind, { value: name })
}

/** Reads through the cache, or tells it what a write has changed; failures become DrizzleQueryError. */
export function withCache<T>(
  prepared: object,
  query: string,
  params: unknown[],
  run: () => Promise<T>,
): Promise<T> {
  const internals = prepared as PreparedInternals
  if (typeof internals.queryWithCache !== 'function') throw unknownVersion()
  return internals.queryWithCache(query, params, run)
}

/** One row as the application selected it. */
export function mapRow(prepared: object, fields: SelectedFieldsOrdered, row: unknown[]): unknown {
  const { mapResultRow } = drizzleUtils as unknown as Partial<UtilsInternals>
  if (mapResultRow === undefined) throw unknownVersion()
  return mapResultRow(fields, row, joinsOf(prepared))
}

/** A query is told of its joins after it has been made, so a copy of it must be as well. */
export function copyJoins(from: object, to: object): void {
  ;(to as PreparedInternals).joinsNotNullableMap = joinsOf(from)
}

function joinsOf(prepared: object): JoinsNotNullable {
  return (prepared as PreparedInternals).joinsNotNullableMap
}

/** An item of a batch: a query builder, which prepares a query, or raw SQL, which is one itself. */
export interface BatchInternals {
  _prepare(): { getQuery(): Query & { readonly method?: 'all' | 'get' | 'values' | 'run' } }
}

/** What the migrator needs of a database. */
export interface DatabaseInternals {
  readonly dialect: SQLiteAsyncDialect
  readonly session: SQLiteSession<'async', unknown, Record<string, unknown>, TablesRelationalConfig>
}

function unknownVersion(): Error {
  return new Error(
    'lockstep/drizzle does not know this version of drizzle-orm: install one that the peerDependencies of lockstep name',
  )
}

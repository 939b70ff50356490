import { postgresText } from './postgres-text.ts'
import type { Statement } from './statement.ts'

/** An array for `?` and `?NNN`; an object for `:a`, `@a`, `$a`, and `?NNN` by its digits. */
export type BindParams = readonly unknown[] | Readonly<Record<string, unknown>>

/** A parameter in PostgreSQL's text format; binary for bytes. */
export type PostgresParameter = null | string | Buffer

/** The values for `statement.postgres`, from what better-sqlite3 takes as the one argument of `.all()`. */
export function bindSlots(statement: Statement, params?: BindParams): PostgresParameter[] {
  return bindArguments(statement, params === undefined ? [] : [params])
}

/** The values for `statement.postgres`, from the arguments of a prepared statement's call. */
export function bindArguments(statement: Statement, args: readonly unknown[]): PostgresParameter[] {
  const values = bindOrdinals(statement, args)
  return statement.parameters.map(({ ordinal }) => toPostgres(values.get(ordinal)))
}

/** The values by SQLite's parameter numbers minus 1, checked; a number that is not used has undefined. */
export function bindValues(statement: Statement, args: readonly unknown[]): readonly unknown[] {
  const { parameters } = statement
  if (parameters.length === 0 && args.length === 0) return noValues
  const [first] = args
  if (args.length === 1 && Array.isArray(first) && first.length === parameters.length) {
    // The usual call, without the way through names.
    if (parameters.every(({ kind }) => kind === 'anonymous')) {
      for (const value of first) checkValue(value)
      return first
    }
  }
  const values: unknown[] = []
  for (const [ordinal, value] of bindOrdinals(statement, args)) values[ordinal - 1] = value
  return values
}

const noValues: readonly unknown[] = Object.freeze([])

/**
 * The arguments to call a better-sqlite3 statement with. That driver takes `?NNN` only by an object, so
 * positional values for it are put into one.
 */
export function sqliteArguments(statement: Statement, args: readonly unknown[]): unknown[] {
  if (!countsNumbered(statement, args)) return [...args]
  const values = bindOrdinals(statement, args)
  const names = namesOf(statement)
  const entries = [...values].map(([ordinal, value]) => [names.get(ordinal), value] as const)
  const positional = entries.filter(([name]) => name === undefined).map(([, value]) => value)
  const named = entries.filter(([name]) => name !== undefined)
  return [Object.fromEntries(named), positional]
}

/**
 * The values by SQLite's parameter numbers, by better-sqlite3's rules and in its words (`binder.cpp` of
 * version 12): positional values fill the parameters without a name, one plain object the others.
 * Beyond that, positional values alone also fill `?NNN`, each by its number.
 */
function bindOrdinals(statement: Statement, args: readonly unknown[]): Map<number, unknown> {
  const highest = Math.max(0, ...statement.parameters.map(({ ordinal }) => ordinal))
  const names = namesOf(statement)
  const skipped = countsNumbered(statement, args) ? new Map<number, string>() : names
  const values = new Map<number, unknown>()
  let position = 0
  let count = 0
  let bound = false
  const next = (value: unknown): void => {
    do position += 1
    while (skipped.has(position))
    checkValue(value)
    if (position > highest) throw new RangeError('Too many parameter values were provided')
    values.set(position, value)
    count += 1
  }
  for (const arg of args) {
    if (Array.isArray(arg)) {
      for (const value of arg) next(value)
    } else if (isPlainObject(arg)) {
      if (bound) {
        throw new TypeError('You cannot specify named parameters in two different objects')
      }
      bound = true
      for (const [ordinal, name] of names) values.set(ordinal, namedValue(arg, name))
      count += names.size
    } else {
      if (isObject(arg) && names.size > 0) {
        throw new TypeError('Named parameters can only be passed within plain objects')
      }
      next(arg)
    }
  }
  if (count < highest) {
    if (!bound && skipped.size > 0) throw new TypeError('Missing named parameters')
    throw new RangeError('Too few parameter values were provided')
  }
  return values
}

/** In the order of their numbers, in which the driver looks for them. */
function namesOf(statement: Statement): Map<number, string> {
  const named = statement.parameters.filter(({ name }) => name !== null)
  const ordered = named.toSorted((left, right) => left.ordinal - right.ordinal)
  return new Map(ordered.map(({ ordinal, name }) => [ordinal, name as string]))
}

function countsNumbered(statement: Statement, args: readonly unknown[]): boolean {
  const kinds = new Set(statement.parameters.map(({ kind }) => kind))
  const positional = args.length > 0 && !args.some(isPlainObject)
  return positional && kinds.has('numbered') && !kinds.has('named')
}

function namedValue(values: Record<string, unknown>, name: string): unknown {
  if (!Object.hasOwn(values, name)) throw new RangeError(`Missing named parameter "${name}"`)
  checkValue(values[name])
  return values[name]
}

function isObject(value: unknown): value is object {
  const reference = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return reference && !ArrayBuffer.isView(value)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function checkValue(value: unknown): void {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    throw new RangeError('The bound string, buffer, or bigint is too big')
  }
  const simple = ['number', 'bigint', 'string', 'undefined'].includes(typeof value)
  if (simple || value === null || ArrayBuffer.isView(value)) return
  throw new TypeError('SQLite3 can only bind numbers, strings, bigints, buffers, and null')
}

/** SQLite has no NaN and stores NULL for it; `undefined` is NULL to better-sqlite3. */
function toPostgres(value: unknown): PostgresParameter {
  if (typeof value === 'string') return postgresText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return null
    return Object.is(value, -0) ? '-0' : String(value)
  }
  if (!ArrayBuffer.isView(value)) return null
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

import Database from 'better-sqlite3'
import type { Client, types } from 'pg'
import { functions } from '../../src/sql/functions/functions.ts'
import type { FunctionContext } from '../../src/sql/functions/registry.ts'
import { equalityKey, sortKeys } from '../../src/sql/translate/comparison.ts'
import {
  toCondition,
  toDynamic,
  toInteger,
  toReal,
  toText,
  unify,
} from '../../src/sql/translate/convert.ts'
import {
  asValue,
  typed,
  type SqlType,
  type TypedExpression,
} from '../../src/sql/translate/expression.ts'
import type { Value } from '../../src/values/value.ts'
import { openCompatDatabase } from './connected.ts'

/** How an argument reaches a function: as a literal, as a column of its class, or with a class of its own. */
export const forms = ['literal', 'column', 'dynamic'] as const
export type Form = (typeof forms)[number]

export type Outcome = { readonly value: Value } | { readonly error: string }

/** SQLite and PostgreSQL with the compatibility schema, asked the same. */
export interface Twins {
  readonly client: Client
  sqlite(name: string, args: readonly Value[]): Outcome
  postgres(name: string, args: readonly Value[], form: Form): Promise<Outcome>
  close(): Promise<void>
}

export async function openTwins(): Promise<Twins> {
  const database = await openCompatDatabase()
  const { client } = database
  const db = new Database(':memory:')
  db.defaultSafeIntegers()
  return {
    client,
    sqlite: (name, args) => onSqlite(db, name, args),
    postgres: (name, args, form) => onPostgres(client, name, args, form),
    async close() {
      db.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

function onSqlite(db: Database.Database, name: string, args: readonly Value[]): Outcome {
  const marks = args.map(() => '?').join(', ')
  const call = /^\W+$/.test(name) ? `? ${name} ?` : `"${name}"(${marks})`
  try {
    return {
      value: db
        .prepare(`SELECT ${call}`)
        .pluck()
        .get(...args) as Value,
    }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

async function onPostgres(
  client: Client,
  name: string,
  args: readonly Value[],
  form: Form,
): Promise<Outcome> {
  try {
    const result = emitted(
      name,
      args.map((arg) => argumentOf(arg, form)),
    )
    const text = `SELECT ${result.sql} AS value`
    const { rows } = await client.query<{ value: string | null }>({ text, types: raw })
    return { value: decode(result.type, rows[0]?.value ?? null) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

/** The call as the translator would write it, a condition as a value. */
export function emitted(name: string, args: readonly TypedExpression[]): TypedExpression {
  const entry = functions.find(name, args.length)
  if (entry === undefined) throw new Error(`no such function: ${name}`)
  const node = { type: 'FunctionCallExpr' } as never
  const call = {
    name,
    args,
    star: false,
    distinct: false,
    orderBy: null,
    readingOrder: () => null,
    tail: '',
    over: false,
    node,
  }
  return asValue(entry.emit(call, context))
}

export const context: FunctionContext = {
  text: toText,
  integer: toInteger,
  real: toReal,
  dynamic: toDynamic,
  condition: toCondition,
  unify,
  key: equalityKey,
  sortKeys,
  isDoubtful: () => false,
  unsupported: (construct, wayOut) => new Error(`unsupported: ${construct}. ${wayOut}`) as never,
  wrong: (message) => new Error(`wrong: ${message}`) as never,
}

const raw = { getTypeParser: () => (text: string) => text } as unknown as typeof types

export function argumentOf(value: Value, form: Form): TypedExpression {
  const plain = literalOf(value)
  if (form === 'literal')
    return { ...plain, literal: value, constant: true, notNull: value !== null }
  if (form === 'dynamic') return typed(toDynamic(plain), 'dynamic')
  return plain
}

function literalOf(value: Value): TypedExpression {
  if (value === null) return typed('NULL::text', 'null')
  if (typeof value === 'bigint') return typed(`('${value}'::bigint)`, 'integer')
  if (typeof value === 'number') {
    return typed(`('${Object.is(value, -0) ? '-0' : String(value)}'::float8)`, 'real')
  }
  if (typeof value === 'string') return typed(quoted(value), 'text')
  return typed(`('\\x${value.toString('hex')}'::bytea)`, 'blob')
}

function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "''")
  return `(E'${escaped}'::text)`
}

export function decode(type: SqlType, text: string | null): Value {
  if (text === null) return null
  if (type === 'integer') return BigInt(text)
  if (type === 'real') return Number.isNaN(Number(text)) ? null : Number(text)
  if (type === 'blob') return Buffer.from(text.slice(2), 'hex')
  if (type === 'dynamic') return decodeDynamic(text)
  return text
}

export function decodeDynamic(text: string): Value {
  if (/^-?\d+$/.test(text)) return BigInt(text)
  if (/^-?\d/.test(text)) return Number(text)
  const value = JSON.parse(text) as string | { blob: string }
  return typeof value === 'string' ? value : Buffer.from(value.blob, 'hex')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Bit for bit, so that -0.0 and 5.0 are told from 0.0 and 5. */
export function show(outcome: Outcome): string {
  if ('error' in outcome) return 'an error'
  const { value } = outcome
  if (value === null) return 'NULL'
  if (typeof value === 'number') return `real ${Object.is(value, -0) ? '-0' : String(value)}`
  if (typeof value === 'bigint') return `integer ${value}`
  return typeof value === 'string'
    ? `text ${JSON.stringify(value)}`
    : `blob ${value.toString('hex')}`
}

/**
 * The differences of a list of calls, each as one line; empty where both places agree.
 * @param refusals also an error of PostgreSQL alone is let through, and counted by the caller.
 */
export async function differences(
  twins: Twins,
  calls: readonly (readonly [name: string, ...args: Value[]])[],
  options: { readonly forms?: readonly Form[]; readonly refusals?: (line: string) => void } = {},
): Promise<string[]> {
  const lines: string[] = []
  for (const [name, ...args] of calls) {
    const wanted = twins.sqlite(name, args)
    for (const form of options.forms ?? forms) {
      const got = await twins.postgres(name, args, form)
      if (show(got) === show(wanted)) continue
      const shown = args.map((arg) => show({ value: arg })).join(', ')
      const why = 'error' in got ? ` (${got.error})` : ''
      const line = `${name}(${shown}) as ${form}: SQLite ${show(wanted)}, PostgreSQL ${show(got)}${why}`
      if ('error' in got && options.refusals !== undefined) options.refusals(line)
      else lines.push(line)
    }
  }
  return lines
}

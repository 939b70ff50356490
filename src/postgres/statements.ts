import type pg from 'pg'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { bindArguments } from '../sql/bind.ts'
import { withReturning, type Statement } from '../sql/statement.ts'
import { postgresError } from './errors.ts'
import type { NumberColumns } from './number-columns.ts'

type Method = 'all' | 'get' | 'values' | 'run'

/** A statement of the application, ready to run on PostgreSQL. */
export interface PostgresPlan {
  readonly statement: Statement
  /** Names the prepared statement; the same for the same text. */
  readonly name: string
  /** The column whose value is SQLite's last insert rowid, for an INSERT that has one. */
  readonly rowidColumn: string | null
  /** Looks at the results again where the statement reads columns that need it. */
  readonly numbers?: NumberColumns | null
}

/** The part of a client that runs statements. */
export interface PostgresClient {
  query(config: pg.QueryArrayConfig): Promise<pg.QueryArrayResult<unknown[]>>
}

/** SQLite's last insert rowid is the key of a table with an integer key, and of one without a key. */
export function rowidColumn(
  statement: Statement,
  tables: ReadonlyMap<string, Table>,
): string | null {
  if (statement.kind !== 'insert' || statement.hasReturning || statement.target === null)
    return null
  const table = tables.get(statement.target.toLowerCase())
  if (table === undefined || table.key.kind === 'declared') return null
  const [position] = keyPositions(table)
  return shippedColumns(table)[position as number]?.name ?? null
}

/**
 * Runs a statement and gives what better-sqlite3 would, by its rules for what may be asked of which
 * statement.
 * @throws TypeError where rows are asked of a statement that has none.
 */
export async function runOnPostgres(
  client: PostgresClient,
  plan: PostgresPlan,
  method: Method,
  args: readonly unknown[],
  safeIntegers: boolean,
): Promise<unknown> {
  const { statement } = plan
  checkMethod(statement, method)
  const { rowidColumn } = plan
  const text =
    method === 'run' && rowidColumn !== null
      ? withReturning(statement, rowidColumn)
      : statement.postgres.text
  const values = bindArguments(statement, args)
  let result: pg.QueryArrayResult<unknown[]>
  try {
    result = await client.query({
      name: plan.name,
      text,
      values,
      rowMode: 'array',
      types: safeIntegers ? exact : plain,
    })
    if (method !== 'run') await plan.numbers?.restore(client, result, safeIntegers)
  } catch (error) {
    throw postgresError(error)
  }
  if (method === 'run') {
    const last = rowidColumn === null ? undefined : result.rows.at(-1)?.[0]
    return {
      changes: statement.kind === 'select' ? 0 : (result.rowCount ?? 0),
      lastInsertRowid: (last as number | bigint | undefined) ?? (safeIntegers ? 0n : 0),
    }
  }
  if (method === 'values') return result.rows
  const names = result.fields.map((field) => field.name)
  return method === 'get'
    ? toObject(names, result.rows[0])
    : result.rows.map((row) => toObject(names, row))
}

function checkMethod(statement: Statement, method: Method): void {
  if (method !== 'run' && !statement.returnsRows) {
    throw new TypeError('This statement does not return data. Use run() instead')
  }
}

function toObject(
  names: readonly string[],
  row: unknown[] | undefined,
): Record<string, unknown> | undefined {
  if (row === undefined) return undefined
  const object: Record<string, unknown> = {}
  for (const [index, name] of names.entries()) object[name] = row[index]
  return object
}

/** https://www.postgresql.org/docs/current/catalog-pg-type.html */
const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
  numeric: 1700,
} as const

const plain = typesOf((text) => Number(text))
const exact = typesOf((text) => BigInt(text))

/** Values as SQLite would give them: integers and reals as numbers, booleans as 0 and 1, the rest as text. */
function typesOf(integer: (text: string) => unknown): pg.CustomTypesConfig {
  const parsers = new Map<number, (text: string) => unknown>([
    [oid.bool, (text) => integer(text === 't' ? '1' : '0')],
    [oid.bytea, (text) => Buffer.from(text.slice(2), 'hex')],
    [oid.int2, integer],
    [oid.int4, integer],
    [oid.int8, integer],
    [oid.oid, integer],
    [oid.float4, Number],
    [oid.float8, Number],
    [oid.numeric, (text) => (/^-?\d+$/.test(text) ? integer(text) : Number(text))],
  ])
  return {
    getTypeParser: ((id: number) =>
      parsers.get(id) ?? ((text: string) => text)) as pg.CustomTypesConfig['getTypeParser'],
  }
}

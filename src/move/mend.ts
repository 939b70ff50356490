import type pg from 'pg'
import type { VerifyProblem } from '../api.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { isUnreachable } from '../postgres/errors.ts'
import { inTransaction } from '../postgres/transaction.ts'
import { keyCodec } from '../schema/key-codec.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import type { KeyValues } from '../values/value.ts'
import { findProblems, type ProblemContext } from './verify-problems.ts'

export interface MendContext extends ProblemContext {
  readonly server: PostgresServer
  /** Puts keys into the journal of the primary. */
  journal(table: Table, keys: readonly KeyValues[]): Promise<void>
  /** Makes keys and indexes that are missing or not as they must be. */
  syncSchema(): Promise<void>
  caughtUp(): Promise<void>
}

/** What of these tables is wrong now beside their rows. */
export async function problemsNow(
  context: ProblemContext & { readonly server: PostgresServer },
  tables: readonly Table[],
): Promise<VerifyProblem[]> {
  const client = await context.server.connect()
  try {
    return await findProblems(client, context, tables)
  } finally {
    await client.end()
  }
}

/**
 * Mends what rows alone do not show, behind the journal of the keys that differ. Without its primary key a table may
 * hold a row twice, and takes no batch: so that comes first. Indexes come when the rows are right.
 * @returns what is still wrong
 */
export async function mend(
  context: MendContext,
  tables: readonly Table[],
  problems: readonly VerifyProblem[],
): Promise<VerifyProblem[]> {
  const has = (table: Table, ...kinds: VerifyProblem['kind'][]): boolean =>
    problems.some(({ kind, table: name }) => name === table.name && kinds.includes(kind))
  for (const table of tables.filter((each) => has(each, 'key'))) await removeDoubles(context, table)
  if (tables.some((table) => has(table, 'key'))) await ifPossible(() => context.syncSchema())
  if (tables.some((table) => has(table, 'index'))) {
    await context.caughtUp()
    await ifPossible(() => context.syncSchema())
  }
  for (const table of tables.filter((each) => has(each, 'sequence')))
    await advanceSequence(context, table)
  for (const table of tables.filter((each) => has(each, 'constraint')))
    await ifPossible(() => validateConstraints(context, table))
  return problemsNow(context, tables)
}

/** What cannot be mended is found again, and told. */
export async function ifPossible(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isUnreachable(error)) throw error
  }
}

/**
 * Takes out of a copy the rows whose key is there more than once, or is NULL; their keys are in the journal before, so
 * that they come again, once. On a primary nobody can say which of two rows is right.
 */
async function removeDoubles(context: MendContext, table: Table): Promise<void> {
  if (context.primary() === 'postgres') return
  const { server } = context
  const target = `${quote(server.schema)}.${quote(table.name)}`
  const columns = table.key.columns.map(quote)
  const doubled = `SELECT ${columns.join(', ')} FROM ${target} GROUP BY ${columns.join(', ')} HAVING count(*) > 1`
  await inTransaction(server, async (client) => {
    await client.query(`SET LOCAL lockstep.applying = 'on'`)
    const { decode } = keyCodec(table)
    const texts = columns.map((column) => `${column}::text`).join(', ')
    const { rows } = await client.query<string[]>({
      text: `SELECT ${texts} FROM (${doubled}) d`,
      rowMode: 'array',
    } as pg.QueryArrayConfig)
    const keys = rows.map((row) => decode(row)).filter((key) => !key.includes(null))
    await context.journal(table, keys)
    await client.query(`DELETE FROM ${target} WHERE (${columns.join(', ')}) IN (${doubled})`)
    const isNull = columns.map((column) => `${column} IS NULL`).join(' OR ')
    await client.query(`DELETE FROM ${target} WHERE ${isNull}`)
  })
}

/** Never back, whoever draws at the same time. */
async function advanceSequence({ server }: MendContext, table: Table): Promise<void> {
  const target = `${quote(server.schema)}.${quote(table.name)}`
  const column = table.key.columns[0] as string
  await server.control.query(
    `SELECT lockstep.advance(pg_get_serial_sequence($1, $2)::regclass, (SELECT max(${quote(column)}) FROM ${target}))`,
    [target, column],
  )
}

async function validateConstraints({ server }: MendContext, table: Table): Promise<void> {
  const target = `${quote(server.schema)}.${quote(table.name)}`
  const { rows } = await server.control.query<{ name: string }>(
    `SELECT conname AS name FROM pg_constraint WHERE conrelid = ${quoteLiteral(target)}::regclass AND NOT convalidated`,
  )
  for (const { name } of rows)
    await server.control.query(`ALTER TABLE ${target} VALIDATE CONSTRAINT ${quote(name)}`)
}

import type pg from 'pg'
import type { Table } from '../schema/model.ts'
import { applyNumericAffinity, isNumericAffinity } from '../values/affinity.ts'
import type { Affinity, Value } from '../values/value.ts'
import type { PostgresClient } from './statements.ts'

/** https://www.postgresql.org/docs/current/catalog-pg-type.html: text and double precision. */
const kept: ReadonlySet<number> = new Set([25, 701])

/**
 * Gives numbers back where SQLite would: a column of a numeric affinity may be text on PostgreSQL, or
 * double precision, which does not tell 5 from 5.0. PostgreSQL says of each result which column it is,
 * and the affinity of that column decides as it does when SQLite stores a value. What an expression
 * makes of such a column has no column, and stays as it is.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html (RowDescription)
 */
export class NumberColumns {
  readonly #tables: ReadonlyMap<string, Table>
  /** By the numbers that PostgreSQL gives to a table and a column; null for all others. */
  readonly #affinities = new Map<string, Affinity | null>()

  /** @param tables the mirrored tables by name in lower case */
  constructor(tables: ReadonlyMap<string, Table>) {
    this.#tables = new Map(
      [...tables].filter(([, { columns }]) =>
        columns.some(
          ({ affinity, postgresType }) =>
            isNumericAffinity(affinity) && /^(text|double precision)$/.test(postgresType),
        ),
      ),
    )
  }

  /** Whether a statement on these tables needs a second look at its results. */
  concerns(tables: readonly string[]): boolean {
    return tables.some((name) => this.#tables.has(name.toLowerCase()))
  }

  /** Changes the rows in place. */
  async restore(
    client: PostgresClient,
    { fields, rows }: pg.QueryArrayResult<unknown[]>,
    safeIntegers: boolean,
  ): Promise<void> {
    const candidates = fields.filter(isCandidate)
    if (candidates.length === 0 || rows.length === 0) return
    await this.#learn(client, candidates)
    for (const [index, field] of fields.entries()) {
      const affinity = isCandidate(field) ? this.#affinities.get(idOf(field)) : null
      if (affinity == null) continue
      for (const row of rows) row[index] = restored(row[index] as Value, affinity, safeIntegers)
    }
  }

  async #learn(client: PostgresClient, fields: readonly pg.FieldDef[]): Promise<void> {
    const unknown = fields.filter((field) => !this.#affinities.has(idOf(field)))
    if (unknown.length === 0) return
    const { rows } = await client.query({
      text: `SELECT a.attrelid || '.' || a.attnum, c.relname, a.attname
               FROM unnest($1::oid[], $2::int[]) AS field (t, n)
               JOIN pg_attribute a ON a.attrelid = field.t AND a.attnum = field.n JOIN pg_class c ON c.oid = field.t`,
      values: [unknown.map(({ tableID }) => tableID), unknown.map(({ columnID }) => columnID)],
      rowMode: 'array',
    })
    for (const field of unknown) this.#affinities.set(idOf(field), null)
    for (const [id, table, name] of rows as string[][]) {
      const columns = this.#tables.get(String(table).toLowerCase())?.columns ?? []
      const affinity = columns.find((column) => column.name === name)?.affinity ?? 'blob'
      if (isNumericAffinity(affinity)) this.#affinities.set(String(id), affinity)
    }
  }
}

function isCandidate({ tableID, dataTypeID }: pg.FieldDef): boolean {
  return tableID !== 0 && kept.has(dataTypeID)
}

function idOf({ tableID, columnID }: pg.FieldDef): string {
  return `${tableID}.${columnID}`
}

/** As better-sqlite3 gives it. */
function restored(value: Value, affinity: Affinity, safeIntegers: boolean): unknown {
  const number = applyNumericAffinity(value, affinity)
  return typeof number === 'bigint' && !safeIntegers ? Number(number) : number
}

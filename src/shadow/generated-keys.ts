import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import type { Table } from '../schema/model.ts'

/*
 * Has the sequences of a rehearsal give the keys that SQLite has given. A rowid is one more than the highest in the table,
 * so one that was taken back comes again. With AUTOINCREMENT it is one more than the highest that was ever given or drawn,
 * also by a row that was left out in the end; what is undone has drawn none. A sequence of PostgreSQL alone gives back
 * nothing, but one that is made to start anew gets new storage, which goes with its transaction or savepoint.
 * https://www.sqlite.org/autoinc.html https://www.postgresql.org/docs/current/sql-altersequence.html
 */

/** At the beginning. @param counters the highest keys that SQLite remembers of AUTOINCREMENT tables */
export function beginKeysSql(
  tables: readonly Table[],
  schema: string,
  counters: ReadonlyMap<string, bigint>,
): string {
  return withGeneratedKeys(tables)
    .map((table) => restart(table, schema, String(counters.get(table.name) ?? 0n)))
    .join(';\n')
}

/** In a savepoint, which is to take back what is drawn. */
export function keepKeysSql(tables: readonly Table[], schema: string): string {
  return withGeneratedKeys(tables)
    .filter(({ autoincrement }) => autoincrement)
    .map((table) => restart(table, schema, 'pg_sequence_last_value(name::regclass)'))
    .join(';\n')
}

/** Before each statement that may insert rows into the tables. */
export function nextKeysSql(tables: readonly Table[], schema: string): string {
  return withGeneratedKeys(tables)
    .map((table) => {
      const sequence = sequenceOf(table, schema)
      const own = `max(${quote(table.key.columns[0] as string)})`
      const drawn = `pg_sequence_last_value(${sequence}::regclass)`
      const highest = table.autoincrement ? `nullif(greatest(${own}, 0, ${drawn}), 0)` : own
      return `SELECT setval(${sequence}, coalesce(highest, 1), highest IS NOT NULL)
        FROM (SELECT ${highest} AS highest FROM ${nameOf(table, schema)}) AS known`
    })
    .join(';\n')
}

/** Before an INSERT whose first row SQLite has given this key. */
export function giveKeySql(table: Table, schema: string, key: bigint): string {
  const [last, isCalled] = key > 1n ? [key - 1n, true] : [1n, false]
  return `SELECT setval(${sequenceOf(table, schema)}, ${last}, ${isCalled})`
}

/** Tables whose key SQLite gives where the application gives none. */
function withGeneratedKeys(tables: readonly Table[]): readonly Table[] {
  return tables.filter(({ key }) => key.kind !== 'declared')
}

/** @param last an expression of the highest key that was drawn */
function restart(table: Table, schema: string, last: string): string {
  return `DO ${quoteLiteral(`DECLARE name text := ${sequenceOf(table, schema)}; last bigint := ${last};
    BEGIN IF name IS NOT NULL THEN EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART'; END IF;
    IF last >= 1 THEN PERFORM setval(name, last); END IF; END`)}`
}

/** The sequence of a table's key as an expression; NULL where a table that was there before Lockstep has none. */
function sequenceOf(table: Table, schema: string): string {
  const name = quoteLiteral(nameOf(table, schema))
  return `pg_get_serial_sequence(${name}, ${quoteLiteral(table.key.columns[0] as string)})`
}

function nameOf({ name }: Table, schema: string): string {
  return `${quote(schema)}.${quote(name)}`
}

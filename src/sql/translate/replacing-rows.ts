import { quoteName } from '../quote.ts'
import { orCheckFails } from './checks.ts'
import { allColumns, fullQuery } from './insert-body.ts'
import { isAutomatic, mayBeAutomatic, orRefused, type Insertion } from './insertion.ts'
import { isRowid, rowidColumn, rowidSequence } from './target.ts'

/** ` WHERE ...` that fails for a row that breaks a CHECK, or nothing. */
export function checked(alias: string, insertion: Insertion): string {
  const { target, emitter } = insertion
  const row = emitter.source(target.relation, target.relation.name, alias)
  const checks = orCheckFails(row, target, emitter)
  const conditions = checks.map((check) => orRefused(check, row, insertion))
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
}

/** The new rows, numbered in the order in which SQLite takes them, each with its rowid. */
export function numberedRows(number: string, insertion: Insertion): string {
  const { target, rows, emitter } = insertion
  const { relation } = target
  const given = emitter.freshName('given')
  const query = fullQuery(rows, target, emitter, 'refused')
  const from = `FROM (${query}) AS ${given}${checked(given, insertion)}`
  const rowid = rowidColumn(relation)
  const columns = allColumns(target).map((column) => ({
    name: quoteName(column.postgresName),
    isRowid: isRowid(relation, column),
  }))
  const listed = (alias: string, ownRowid: string): string =>
    columns
      .map(({ name, isRowid: own }) => (own ? `${ownRowid} AS ${name}` : `${alias}.${name}`))
      .join(', ')
  const key = quoteName(rowid?.postgresName ?? '')
  const next = `nextval(${rowidSequence(target)})`
  if (rowid === undefined || isAutomatic(insertion) || !mayBeAutomatic(insertion)) {
    const own = isAutomatic(insertion) ? next : `${given}.${key}`
    return `SELECT row_number() OVER () AS ${number}, ${listed(given, own)} ${from}`
  }
  // The next rowid is behind those that stand in earlier rows, which no sequence has seen yet.
  const [counted, all, drawn] = ['counted', 'all', 'drawn'].map((stem) =>
    emitter.freshName(stem),
  ) as [string, string, string]
  const numbered = `SELECT row_number() OVER () AS ${number}, ${given}.* ${from}`
  const draws = `SELECT ${all}.*, count(*) FILTER (WHERE ${all}.${key} IS NULL) OVER (ORDER BY ${all}.${number}) AS ${drawn} FROM (${numbered}) AS ${all}`
  const behind = `max(${counted}.${key} - ${counted}.${drawn}) OVER (ORDER BY ${counted}.${number}) + ${counted}.${drawn}`
  const own = `CASE WHEN ${counted}.${key} IS NULL THEN greatest(${next}, ${behind}) ELSE ${counted}.${key} END`
  return `SELECT ${counted}.${number}, ${listed(counted, own)} FROM (${draws}) AS ${counted}`
}

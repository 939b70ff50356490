import { parseStatements } from '../../src/sql/parser.ts'
import { sameValue } from '../../src/values/compare.ts'
import type { Value } from '../../src/values/value.ts'
import type { Answer, Failed, Rows } from './answer.ts'
import { inSameOrder, orderingOf, rowText, sameRows } from './ordering.ts'
import { identical, withoutRowid, type Outcome } from './outcome.ts'

/** @param isRepeatable false where SQLite itself would answer otherwise a second time */
export function compareAnswers(
  sql: string,
  sqlite: Answer,
  postgres: Answer,
  isRepeatable: boolean,
): Outcome {
  if (postgres.kind === 'failed') return compareFailure(sqlite, postgres)
  if (sqlite.kind === 'failed') {
    return different(`no error: ${sqlite.code}`, `${sqlite.message} <> ${answerText(postgres)}`)
  }
  if (sqlite.kind === 'rows' && postgres.kind === 'rows')
    return compareRows(sql, sqlite, postgres, isRepeatable)
  if (sqlite.kind === 'changed' && postgres.kind === 'changed') {
    if (sqlite.changes !== postgres.changes)
      return different('changes', `${sqlite.changes} <> ${postgres.changes}`)
    if (postgres.lastInsertRowid === null)
      return hasInserted(sql, sqlite.changes) ? withoutRowid : identical
    return sqlite.lastInsertRowid === postgres.lastInsertRowid || !isRepeatable
      ? identical
      : different('lastInsertRowid', `${sqlite.lastInsertRowid} <> ${postgres.lastInsertRowid}`)
  }
  return different('kind of answer', `${answerText(sqlite)} <> ${answerText(postgres)}`)
}

/**
 * Of any other statement the number "should be completely ignored".
 * https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md#runbindparameters---object
 */
function hasInserted(sql: string, changes: number): boolean {
  return changes > 0 && parseStatements(sql)[0]?.type === 'InsertStmt'
}

/** PostgreSQL has answered with an error, so nothing is silent; the question is whether it is the right one. */
function compareFailure(sqlite: Answer, { code, message, sqlState, construct }: Failed): Outcome {
  const detail = `${answerText(sqlite)} <> ${code}: ${message}`
  if (code === 'SQL_UNSUPPORTED' || code === 'ROWID_UNKNOWN') {
    const cause = construct === '' ? message.replaceAll(/\d+/g, 'N').slice(0, 80) : construct
    return { verdict: 'refused', cause, detail }
  }
  if (sqlite.kind === 'failed') return compareCodes(sqlite, code, message, detail)
  // Class 22 is a value that the server cannot take where it is to go.
  if (sqlState.startsWith('22')) return { verdict: 'refused', cause: `value: ${sqlState}`, detail }
  const cause = sqlState === '' ? code : `server: ${sqlState}`
  return { verdict: 'unclear', cause, detail }
}

function compareCodes(sqlite: Failed, code: string, message: string, detail: string): Outcome {
  const isConstraint = sqlite.code.startsWith('SQLITE_CONSTRAINT')
  if (sqlite.code === code) {
    if (!isConstraint || sqlite.message === message) return identical
    return { verdict: 'unclear', cause: `message of ${code}`, detail }
  }
  const cause = `${code} instead of ${sqlite.code}`
  if (isConstraint && code.startsWith('SQLITE_CONSTRAINT')) return different(cause, detail)
  return { verdict: 'unclear', cause, detail }
}

function compareRows(sql: string, a: Rows, b: Rows, isRepeatable: boolean): Outcome {
  const detail = `${answerText(a)} <> ${answerText(b)}`
  // Of a text that is sent as it is nobody knows the names beforehand.
  const namesDiffer = b.names.length > 0 && a.names.join('\n') !== b.names.join('\n')
  if (namesDiffer) return different('names', `${a.names.join(', ')} <> ${b.names.join(', ')}`)
  if (a.rows.length !== b.rows.length) return different('number of rows', detail)
  if (!isRepeatable) {
    const same = a.rows.every((row, index) => sameClasses(row, b.rows[index] ?? []))
    return same ? identical : different('classes of an answer that changes', detail)
  }
  const inPlace = a.rows.every((row, index) => sameRow(row, b.rows[index] ?? []))
  if (inPlace) return identical
  const ordering = orderingOf(sql, a.names)
  if (!sameRows(a.rows, b.rows)) {
    const cutsTie = ordering !== null && ordering.isLimited && inSameOrder(a.rows, b.rows, ordering)
    const kind = kindOfDifference(a, b)
    return different(cutsTie ? `${kind}, where a LIMIT may cut a tie` : kind, detail)
  }
  if (ordering === null || inSameOrder(a.rows, b.rows, ordering)) return identical
  return different('order', detail)
}

function sameRow(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, index) => sameValue(value, b[index] ?? null))
}

function sameClasses(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, index) => typeof value === typeof b[index])
}

/** Names what differs in the first row that does, to sort finds by. */
function kindOfDifference(a: Rows, b: Rows): string {
  for (const [position, row] of a.rows.entries()) {
    for (const [index, value] of row.entries()) {
      const other = b.rows[position]?.[index] ?? null
      if (sameValue(value, other)) continue
      if (typeof value === 'number' && typeof other === 'number' && isNear(value, other))
        return 'last digits of a real'
      return classOf(value) === classOf(other)
        ? classOf(value)
        : `${classOf(value)} as ${classOf(other)}`
    }
  }
  return 'rows'
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))
}

function classOf(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'number') return 'real'
  return typeof value === 'string' ? 'text' : 'blob'
}

export function different(cause: string, detail: string): Outcome {
  return { verdict: 'different', cause, detail }
}

const shownRows = 6

export function answerText(answer: Answer): string {
  if (answer.kind === 'failed') return `${answer.code}: ${answer.message}`
  if (answer.kind === 'changed')
    return `changes ${answer.changes}, rowid ${answer.lastInsertRowid ?? 'unknown'}`
  const rows = answer.rows.slice(0, shownRows).map(rowText).join(' ')
  const more = answer.rows.length > shownRows ? ` and ${answer.rows.length - shownRows} more` : ''
  return answer.rows.length === 0 ? 'no row' : `${rows}${more}`
}

import type pg from 'pg'
import type { ConnectionState } from '../sql/connection-functions.ts'
import { insertsOneRow } from '../sql/last-insert-rowid.ts'
import { parseStatements } from '../sql/parser.ts'
import type { Statement } from '../sql/statement.ts'
import type { PreparedTranslation } from './prepared-translation.ts'

type Result = pg.QueryArrayResult<(string | null)[]>

/** Puts down what SQLite's connection would remember of a statement that has run. */
export function rememberResult(
  { kind }: Statement,
  prepared: PreparedTranslation,
  result: Result,
  state: ConnectionState,
): void {
  if (!isWrite(kind)) return
  state.changes = result.rowCount ?? 0
  if (prepared.translation.carriesOn === true) state.totalChanges = null
  else if (state.totalChanges !== null) state.totalChanges += state.changes
  if (kind === 'insert') rememberRowid(prepared, result, state)
}

function isWrite(kind: Statement['kind']): boolean {
  return kind === 'insert' || kind === 'update' || kind === 'delete'
}

function rememberRowid(
  { translation, decoders }: PreparedTranslation,
  { rows }: Result,
  state: ConnectionState,
): void {
  const { hiddenColumns, unknownRowid } = translation
  // A row that an upsert has updated has none.
  const isInserted = (row: Result['rows'][number]): boolean => row[decoders.length - 1] !== null
  const last = hiddenColumns === 0 ? undefined : rows.findLast(isInserted)
  if (unknownRowid !== undefined) {
    const hasInserted = hiddenColumns === 0 ? state.changes > 0 : last !== undefined
    if (hasInserted) state.lastInsertRowid = { table: unknownRowid }
    return
  }
  const rowid = last?.[decoders.length - 1]
  if (rowid !== undefined && rowid !== null) state.lastInsertRowid = BigInt(rowid)
}

/**
 * The same of a statement that has failed while it ran: it changed no row, and of an INSERT SQLite has numbered the rows
 * before the one that fails, and that one as well where a trigger or a foreign key has failed it.
 */
export function rememberFailure(
  { kind, sql, target }: Statement,
  { translation }: PreparedTranslation,
  error: unknown,
  state: ConnectionState,
): void {
  const { code = '' } = error as { code?: string }
  if (!isWrite(kind) || !code.startsWith('SQLITE_')) return
  state.changes = 0
  if (kind !== 'insert' || translation.intoView === true) return
  const [parsed] = parseStatements(sql)
  const isFirst = parsed?.type === 'InsertStmt' && insertsOneRow(parsed)
  const isLater = translation.carriesOn === true || code.endsWith('_FOREIGNKEY')
  if (!isFirst || isLater) state.lastInsertRowid = { table: target ?? '', failed: true }
}

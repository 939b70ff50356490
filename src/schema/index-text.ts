import { parseStmt, type CreateIndexStmt, type Span } from 'sqlite3-parser'

/** What the text of a CREATE INDEX holds and no PRAGMA tells. */
export interface IndexText {
  /** The text of each part in order, without a trailing COLLATE of its own, ASC or DESC. */
  readonly parts: readonly string[]
  readonly where: string | null
}

/** Null where the text is not understood. */
export function readIndexText(sql: string): IndexText | null {
  const result = parseStmt(sql)
  if (result.status !== 'ok' || result.root.type !== 'CreateIndexStmt') return null
  const statement: CreateIndexStmt = result.root
  return {
    parts: statement.columns.map(({ expr }) =>
      slice(sql, expr.type === 'CollateExpr' ? expr.expr.span : expr.span),
    ),
    where: statement.whereClause === undefined ? null : slice(sql, statement.whereClause.span),
  }
}

function slice(sql: string, span: Span): string {
  return sql.slice(span.offset, span.offset + span.length)
}

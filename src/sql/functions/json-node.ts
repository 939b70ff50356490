import { quoteText } from '../quote.ts'
import { foundSteps } from '../json-steps.ts'
import type { TypedExpression } from '../translate/expression.ts'

/** A node of a document that is text, by a path that is known. */
export interface Node {
  /** As it stands in the document: json, NULL where there is none. */
  readonly sql: string
}

/** A column and nothing else, which may be written several times. */
export function isColumnText(sql: string): boolean {
  return /^(?:"(?:[^"]|"")*"\.)?"(?:[^"]|"")*"$/.test(sql)
}

/**
 * PostgreSQL's own operator on a column, where the text is JSON and the operator finds what SQLite does; else the function
 * that reads by SQLite's rules. The text is kept from the cast where it may fail: of a constant that is tried beforehand.
 * Undefined where the document is no column, as it is written several times, or the path is no simple one.
 */
export function nodeOf(document: TypedExpression, path: string | null): Node | undefined {
  const { type, sql } = document
  if (type !== 'text' || !isColumnText(sql)) return undefined
  const found = path === null ? null : foundSteps(path)
  if (path === null || found === null) return undefined
  const isSure = [`sqlite.json_sure(${sql})`, ...found.conditions(sql)].join(' AND ')
  const other = `sqlite.json_node(${sql}, ${quoteText(path)})`
  return {
    sql: `coalesce((CASE WHEN ${isSure} THEN ${sql} END)::json #> ${found.steps}, CASE WHEN NOT (${isSure}) THEN ${other} END)`,
  }
}

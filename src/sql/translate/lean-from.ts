import type { Source } from './scope.ts'

/**
 * The query with less in its FROM, where no column is read that this lacks: what is read is known when the whole text is. A text
 * that looks like such a column, or like the source, keeps it whole, which only takes longer.
 */
export function leanFrom(sql: string, sources: readonly Source[]): string {
  let text = sql
  for (const { lean: from } of sources) {
    if (from === undefined || from.lacks.some((column) => text.includes(column))) continue
    const [before, behind, ...more] = text.split(from.whole)
    if (behind !== undefined && more.length === 0) text = `${before}${from.lean}${behind}`
  }
  return text
}

import type { ResultColumn as ResultNode } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import type { ResultColumn } from '../translation.ts'
import type { Emitter } from './emitter.ts'
import { createScope, type Scope } from './scope.ts'
import { subqueriesIn, tablesNamedIn } from './syntax.ts'
import type { Target } from './target.ts'

/** What a statement that writes gives back. */
export interface Returning {
  /** ` RETURNING ...` or nothing. */
  readonly sql: string
  /** What it gives, without the word. */
  readonly list: string
  /** The application's, and then Lockstep's own. */
  readonly columns: readonly ResultColumn[]
  readonly hiddenColumns: number
}

/** Lockstep's own column, out of which `lastInsertRowid` comes. */
export const ROWID: ResultColumn = { name: 'rowid', decoder: 'integer' }

/**
 * @param scope with the common tables of the statement.
 * @param hidden Lockstep's own columns, which come last.
 */
export function returningOf(
  nodes: readonly ResultNode[] | undefined,
  target: Target,
  scope: Scope | null,
  emitter: Emitter,
  hidden: readonly string[] = [],
): Returning {
  const results = nodes ?? []
  for (const node of results) check(node, target, emitter)
  // SQLite knows the row by the table's name here, also where the table has an alias.
  const source = emitter.source(target.relation, target.relation.name, target.sqlName)
  const emitted =
    results.length === 0
      ? { sql: '', columns: [] }
      : emitter.results(results, createScope(scope, { sources: [source] }))
  const names = hidden.map((sql) => `${sql} AS ${emitter.freshName('own')}`)
  const list = [emitted.sql, ...names].filter((each) => each !== '').join(', ')
  return {
    sql: list === '' ? '' : ` RETURNING ${list}`,
    list,
    columns: [...emitted.columns.map(({ result }) => result), ...hidden.map(() => ROWID)],
    hiddenColumns: hidden.length,
  }
}

function check(node: ResultNode, { relation }: Target, emitter: Emitter): void {
  const { offset } = node.span
  if (node.type === 'TableStarResultColumn') {
    throw emitter.wrong('RETURNING may not use "TABLE.*" wildcards', offset)
  }
  for (const subquery of subqueriesIn(node)) {
    // SQLite asks after each row, when some rows have changed and others have not yet.
    if (!readsTable(tablesNamedIn(subquery), relation.name, emitter)) continue
    const construct = 'A subquery in RETURNING that reads the table being written'
    throw emitter.unsupported(construct, subquery.span.offset, 'Read it with a SELECT of its own')
  }
}

/** A view may read any table, so that naming one counts. @param names folded. */
export function readsTable(
  names: ReadonlySet<string>,
  table: string,
  { catalog }: Emitter,
): boolean {
  return [...names].some(
    (name) => name === foldName(table) || catalog.relation(name)?.kind === 'view',
  )
}

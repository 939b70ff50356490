import { LockstepError } from '../core/errors.ts'
import { isTrivia, parseStatements, tokenize } from './parser.ts'
import { tablesOf } from './tables.ts'

/** A view as SQLite keeps it, ready to stand before a statement that reads it. */
export interface View {
  readonly name: string
  /** The text of its CREATE VIEW, as SQLite keeps it. */
  readonly sql: string
  /** `"name" ("column", ...) AS (SELECT ...)` */
  readonly clause: string
  /** What it reads, folded: tables and other views. */
  readonly reads: readonly string[]
  /** The texts of its INSTEAD OF triggers, in the order in which they were made. */
  readonly triggers: readonly string[]
}

/** What `readViews` reads: each view's text, and those of its triggers as a JSON array. */
export const viewTexts = `
  SELECT sql, (SELECT json_group_array(t.sql ORDER BY t.rowid) FROM main.sqlite_schema AS t
                WHERE t.type = 'trigger' AND lower(t.tbl_name) = lower(v.name)) AS triggers
    FROM main.sqlite_schema AS v WHERE type = 'view' AND sql IS NOT NULL`

/** The application's views by folded name. @param rows of `viewTexts` */
export function readViews(
  rows: readonly { readonly sql: string; readonly triggers: string }[],
): ReadonlyMap<string, View> {
  const views = rows.flatMap(
    ({ sql, triggers }) => readView(sql, JSON.parse(triggers) as string[]) ?? [],
  )
  return new Map(views.map((view) => [fold(view.name), view]))
}

/** Null where the text is not understood, or the view is a temporary one. */
export function readView(sql: string, triggers: readonly string[] = []): View | null {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'CreateViewStmt' || statement.temporary) return null
  const name = statement.viewName.objName.text
  const { offset, length } = statement.select.span
  const columns = statement.columns?.map(({ colName }) => quote(colName.text)) ?? []
  const list = columns.length === 0 ? '' : ` (${columns.join(', ')})`
  return {
    name,
    sql,
    clause: `${quote(name)}${list} AS (${sql.slice(offset, offset + length)})`,
    reads: tablesOf(statement)
      .tables.map(fold)
      .filter((table) => table !== fold(name)),
    triggers,
  }
}

/** Stands where the views end and a statement begins that has no WITH of its own, in which SQLite reads VALUES otherwise. */
export const ENDS_VIEWS = '/* views */'

/**
 * The statement with the views that it reads as common table expressions, which mean the same: types,
 * affinities and names come from the view's own SELECT. So PostgreSQL needs no view of its own.
 * @param tables as `Statement.tables` has them
 * @param views by folded name
 * @throws LockstepError SQL_UNSUPPORTED where a name of the statement's own would change what the view reads
 */
export function withViews(
  sql: string,
  tables: readonly string[],
  views: ReadonlyMap<string, View>,
): string {
  if (views.size === 0) return sql
  const used = new Map<string, View>()
  const read = new Set<string>()
  const need = (name: string): void => {
    read.add(name)
    const view = views.get(name)
    if (view === undefined || used.has(name)) return
    for (const inner of view.reads) need(inner)
    used.set(name, view)
  }
  for (const table of tables.map(fold)) if (views.has(table)) need(table)
  if (used.size === 0) return sql
  const clauses = [...used.values()].map(({ clause }) => clause).join(', ')
  const [first, second] = tokenize(sql).filter((token) => !isTrivia(token))
  if (first?.name !== 'WITH') return `WITH ${clauses} ${ENDS_VIEWS} ${sql}`
  const clash = ownNames(sql).find((name) => read.has(name))
  if (clash !== undefined) throw hides(clash)
  const after = second?.name === 'RECURSIVE' ? second : first
  const at = after.offset + after.text.length
  return `${sql.slice(0, at)} ${clauses}, ${sql.slice(at)}`
}

/** The names of the common table expressions that a statement begins with. */
function ownNames(sql: string): string[] {
  const [statement] = parseStatements(sql)
  if (statement === undefined) return []
  const clause =
    statement.type === 'SelectStmt'
      ? statement.body.with
      : 'with' in statement
        ? statement.with
        : undefined
  return clause?.ctes.map(({ tblName }) => fold(tblName.text)) ?? []
}

function hides(name: string): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `The common table expression "${name}" has the name of a table that a view of the statement reads. Give it another name`,
    { details: { construct: 'view', name } },
  )
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function fold(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

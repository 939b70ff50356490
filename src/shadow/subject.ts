import type { Expr, Limit, SelectFrom, Stmt } from 'sqlite3-parser'
import type { Table } from '../schema/model.ts'
import { parseStatements } from '../sql/parser.ts'
import { foldName } from '../sql/quote.ts'
import type { Statement } from '../sql/statement.ts'
import { ordinalOf } from '../sql/translate/order.ts'
import { tablesOf } from '../sql/tables.ts'
import { descendants } from '../sql/translate/syntax.ts'
import { decidedBy, type Decided } from './decided.ts'

/** What a comparison must know of one statement, read from its text once. */
export interface Subject extends Decided {
  readonly statement: Statement
  /** The terms of the outermost ORDER BY; empty where nothing orders the rows. */
  readonly terms: readonly SortTerm[]
  /** Several SELECTs in one: SQLite names the origin of the first one's columns alone. */
  readonly isCompound: boolean
  /** The outermost LIMIT. */
  readonly limit: Limit | null
  /** The statement's one SELECT where columns can be added to it that change nothing else. */
  readonly simple: SelectFrom | null
}

/** One term of an ORDER BY. */
export interface SortTerm {
  /** The column of the result by its position, from 0, where the term is a number. */
  readonly position: number | null
  /** The name, folded, where the term is one; it may be an alias or a column. */
  readonly name: string | null
  /** The text to ask for the term as a column, or null where it cannot be asked for. */
  readonly text: string | null
}

/**
 * @param viewOf the CREATE VIEW of a name, or undefined where it is a table
 * @param tables those of the schema
 * @returns null for what is no query of tables
 */
export function subjectOf(
  statement: Statement,
  viewOf: (name: string) => string | undefined,
  tables: readonly Table[] = [],
): Subject | null {
  if (statement.kind !== 'select' || statement.tables.length === 0) return null
  const [parsed] = parseStatements(statement.sql)
  if (parsed?.type !== 'SelectStmt') return null
  const { body } = parsed
  const terms = (body.orderBy ?? []).map(({ expr }) => termOf(expr, statement.sql))
  return {
    statement,
    ...decidedBy(parsed, viewsOf(statement.tables, viewOf), tables),
    terms,
    isCompound: (body.compounds?.length ?? 0) > 0,
    limit: body.limit ?? null,
    simple: body.compounds?.length || body.select.type !== 'SelectFrom' ? null : plain(body.select),
  }
}

/** The views that are read, and those that they read. */
function viewsOf(
  tables: readonly string[],
  viewOf: (name: string) => string | undefined,
): readonly Stmt[] {
  const views = new Map<string, readonly Stmt[]>()
  const left = [...tables]
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    const text = views.has(foldName(name)) ? undefined : viewOf(name)
    if (text === undefined) continue
    const parsed = parseStatements(text)
    views.set(foldName(name), parsed)
    left.push(...parsed.flatMap((each) => tablesOf(each).tables))
  }
  return [...views.values()].flat()
}

function termOf(expr: Expr, sql: string): SortTerm {
  const ordinal = ordinalOf(expr)
  const { offset, length } = expr.span
  const holdsParameter = [...descendants(expr)].some(({ type }) => type === 'VariableExpr')
  const isAsked = ordinal === undefined && !holdsParameter
  return {
    position: ordinal === undefined ? null : ordinal - 1,
    name: nameOf(expr),
    text: isAsked ? sql.slice(offset, offset + length) : null,
  }
}

function nameOf(expr: Expr): string | null {
  if (expr.type === 'CollateExpr') return nameOf(expr.expr)
  if (expr.type === 'Id') return foldName(expr.name)
  return expr.type === 'QualifiedExpr' ? foldName(expr.column.text) : null
}

const aggregates = new Set(
  ['avg', 'count', 'group_concat', 'max', 'min', 'string_agg', 'sum', 'total'].concat(
    ['json', 'jsonb'].flatMap((kind) => [`${kind}_group_array`, `${kind}_group_object`]),
  ),
)

/** A SELECT of rows as they are: with DISTINCT, GROUP BY or aggregates a further column would change what it says. */
function plain(select: SelectFrom): SelectFrom | null {
  if (select.distinctness === 'Distinct' || select.groupBy !== undefined) return null
  const groups = select.columns.some((column) =>
    [...descendants(column)].some(
      (node) =>
        (node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr') &&
        aggregates.has(foldName(node.name.name)),
    ),
  )
  return groups ? null : select
}

import type { Expr } from 'sqlite3-parser'
import { comparisonOperators } from '../operators.ts'
import { toReal } from './convert.ts'
import type { EmittedSelect, Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { aliasOf, columnName, findColumn } from './names.ts'
import { parameterOf } from './parameter-values.ts'
import type { Scope, Source } from './scope.ts'
import { derived } from './sources.ts'
import { unwrap } from './syntax.ts'
import { childExpressions } from './walk.ts'

type Rows = Pick<EmittedSelect, 'sql' | 'columns' | 'last'>

/**
 * A compound as a query around it reads it: SQLite makes an INTEGER of a column of REAL affinity a REAL when it reads it,
 * OP_RealAffinity of sqlite3ColumnDefault in update.c. Where the compound is the whole statement nothing reads it so.
 */
export function readAsReal<T extends Rows>(select: T, emitter: Emitter): T {
  const { columns } = select
  if (select.last === undefined || !columns.some(({ expression }) => isMixed(expression))) {
    return select
  }
  const alias = emitter.freshName('q')
  const read = columns.map((column) => ({
    ...column,
    expression: asReal(derived(column.expression, `${alias}.${column.sqlName}`)),
  }))
  const list = read.map(({ expression: { sql }, sqlName }) => `${sql} AS ${sqlName}`)
  return {
    ...select,
    sql: `SELECT ${list.join(', ')} FROM (${select.sql}) AS ${alias}`,
    columns: read.map((column) => {
      return { ...column, expression: { ...column.expression, sql: column.sqlName } }
    }),
  }
}

/** It may be an INTEGER where its affinity is REAL. */
function isMixed({ affinity, type }: TypedExpression): boolean {
  return affinity === 'real' && (type === 'integer' || type === 'numeric' || type === 'dynamic')
}

/** With its INTEGERs made REAL. */
function asReal(value: TypedExpression): TypedExpression {
  if (!isMixed(value)) return value
  if (value.type !== 'dynamic' || value.numbers === true) {
    const { numbers: _, ...others } = value
    return { ...others, type: 'real', sql: toReal(value) }
  }
  return { ...value, sql: dynamicAsReal(value.sql) }
}

/**
 * IN gives a side without an affinity the REAL one of the other side, where a comparison gives it NUMERIC: an INTEGER
 * beyond 2^53 is rounded. exprINAffinity of expr.c, OP_Affinity of vdbe.c
 */
export function besideReal(side: TypedExpression, other: TypedExpression): TypedExpression {
  const { affinity, type, sql } = side
  if (affinity !== 'none' || other.affinity !== 'real') return side
  if (type === 'integer') return { ...side, type: 'real', sql: toReal(side), literal: undefined }
  if (type === 'real') return { ...side, sql: parameterOf(side)?.slot('float8', 'real') ?? sql }
  if (type !== 'text' && type !== 'dynamic') return side
  const number = dynamicAsReal(`sqlite.apply_numeric(${sql})`)
  return { ...side, type: 'dynamic', sql: number, literal: undefined }
}

/** Values that are no INTEGERs stay what they are. */
export function dynamicAsReal(sql: string): string {
  const real = `sqlite.dynamic(sqlite.dynamic_real(${sql}))`
  return `(CASE WHEN sqlite.dynamic_is_integer(${sql}) THEN ${real} ELSE ${sql} END)`
}

/**
 * SQLite evaluates a term of WHERE or ON in each part of a compound as well, where the INTEGER still is one, and both must
 * hold: pushDownWhereTerms of select.c. So what tells 3 from 3.0 finds fewer rows than the column would say.
 */
export function refuseClassOfPart(term: Expr, scope: Scope, emitter: Emitter): void {
  if (!readsClass(term, scope, emitter)) return
  throw emitter.unsupported(
    'An expression in WHERE or ON with a column that a compound SELECT makes of REAL and other columns',
    term.span.offset,
    'CAST the column in each SELECT of the compound to REAL',
  )
}

/**
 * It gives another value for 3 than for 3.0 of such a column.
 * @param isInside the class of its value is read
 */
export function readsClass(term: Expr, scope: Scope, emitter: Emitter, isInside = false): boolean {
  if (!scope.sources.some(hasMadeReal)) return false
  const stack: [Expr, boolean][] = [[term, isInside]]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, isClassSeen] = next
    const name = columnName(node, emitter.sql)
    const read = name === undefined ? undefined : findColumn(name, scope, emitter)
    if (read !== undefined && isClassOf(read.expression, isClassSeen)) return true
    const alias = read === undefined && name !== undefined ? aliasOf(name, scope) : undefined
    const isSeen = isClassSeen || !isBlind(node)
    for (const child of childExpressions(node)) stack.push([child, isSeen])
    const inside = { ...scope, aliases: [] }
    if (alias !== undefined && readsClass(alias, inside, emitter, isClassSeen)) return true
  }
  return false
}

function hasMadeReal({ columns }: Source): boolean {
  return columns.some(({ expression }) => isClassOf(expression, true))
}

function isClassOf(
  { affinity, parts, readsClass: reads }: TypedExpression,
  isSeen: boolean,
): boolean {
  return reads === true || (isSeen && affinity === 'real' && parts !== undefined)
}

/** A column that is nothing but a CAST. */
export function isCast(node: Expr): boolean {
  return unwrap(node).type === 'CastExpr'
}

const BLIND: ReadonlySet<string> = new Set([
  'And',
  'Or',
  ...comparisonOperators,
  'Add',
  'Subtract',
  'Multiply',
])

const BLIND_TYPES: ReadonlySet<Expr['type']> = new Set([
  'BetweenExpr',
  'CollateExpr',
  'InListExpr',
  'InSelectExpr',
  'InTableExpr',
  'IsNullExpr',
  'NotNullExpr',
  'ParenthesizedExpr',
  'UnaryExpr',
])

/** Numbers that are equal give equal results. */
function isBlind(node: Expr): boolean {
  return node.type === 'BinaryExpr' ? BLIND.has(node.op) : BLIND_TYPES.has(node.type)
}

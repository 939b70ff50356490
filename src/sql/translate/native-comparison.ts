import type { TypedExpression } from './expression.ts'
import type { ComparisonOperator } from './comparison.ts'
import { turned } from './mixed-numbers.ts'
import { equalTo, type EqualValue } from './native-equality.ts'
import {
  isEqualAlike,
  isNumeric,
  isSortedAlike,
  nativeOf,
  slotType,
  type Native,
} from './native.ts'
import { collationOf, comparisonAffinity, mayBeNumber } from './operands.ts'
import { parameterOf } from './parameter-values.ts'
import { toDynamic } from './convert.ts'
import { literalBound } from './native-literals.ts'

/**
 * A comparison of a column of an idiomatic type by PostgreSQL's own operator, which an index of the column serves;
 * undefined where it is not known to say what SQLite says for every value that the other side can have.
 */
export function nativeComparison(
  left: TypedExpression,
  operator: ComparisonOperator,
  right: TypedExpression,
): string | undefined {
  const [a, b] = [asColumn(left), asColumn(right)]
  if (a !== undefined && b !== undefined) return ofColumns(a, operator, b)
  // What is left are texts of one form beside others, which a collation may make equal.
  if (collationOf(left, right) !== 'BINARY') return undefined
  if (a !== undefined) return ofValue(a, operator, left, right)
  return b === undefined ? undefined : ofValue(b, turned(operator), right, left)
}

/** The same for a list; undefined where a member says nothing about PostgreSQL's own value. */
export function nativeMembership(
  left: TypedExpression,
  members: readonly TypedExpression[],
): string | undefined {
  const native = asColumn(left)
  if (native === undefined || collationOf(left, left) !== 'BINARY') return undefined
  const values = members.map((member) => equalTo(native, member))
  const known = values.flatMap((value) => (value === undefined ? [] : [value]))
  if (known.length !== values.length) return undefined
  const near = `${native.sql} IN (${known.map(({ sql }) => sql).join(', ')})`
  if (known.every(({ isKnown }) => isKnown)) return `(${near})`
  return `(${near} AND ${left.sql} IN (${members.map(({ sql }) => sql).join(', ')}))`
}

/** PostgreSQL's own value, where the expression has the column's affinity as well. */
export function asColumn(expression: TypedExpression): Native | undefined {
  const native = nativeOf(expression)
  return native?.column.affinity === expression.affinity ? native : undefined
}

function ofColumns(a: Native, operator: ComparisonOperator, b: Native): string | undefined {
  if (a.type !== b.type || a.column.affinity !== b.column.affinity) return undefined
  const isEquality = operator === '=' || operator === '<>'
  const isAlike = isEquality ? isEqualAlike(a) : isSortedAlike(a)
  return isAlike ? `(${a.sql} ${operator} ${b.sql})` : undefined
}

function ofValue(
  native: Native,
  operator: ComparisonOperator,
  column: TypedExpression,
  other: TypedExpression,
): string | undefined {
  if (other.type === 'null') return undefined
  if (isNumeric(native.type)) {
    const value = equalTo(native, other)
    return value === undefined ? undefined : `(${native.sql} ${operator} ${value.sql})`
  }
  if (operator === '=' || operator === '<>') {
    const value = equalTo(native, other)
    if (value !== undefined) return equality(native, operator, value, column, other)
  }
  return ordered(native, operator, column, other)
}

function equality(
  native: Native,
  operator: '=' | '<>',
  value: EqualValue,
  column: TypedExpression,
  other: TypedExpression,
): string | undefined {
  if (value.condition !== undefined) {
    const isTrue = value.condition === (operator === '=')
    return isTrue ? native.sql : `(NOT ${native.sql})`
  }
  if (value.isKnown) return `(${native.sql} ${operator} ${value.sql})`
  // Where the value has no form the first half is NULL, and the second says that it is equal to none.
  return operator === '='
    ? `(${native.sql} = ${value.sql} AND ${column.sql} = ${other.sql})`
    : undefined
}

/** The bounds that stand for the value; see values/bounds.ts. */
function ordered(
  native: Native,
  operator: ComparisonOperator,
  column: TypedExpression,
  other: TypedExpression,
): string | undefined {
  const isNumeric = comparisonAffinity(column, other) === 'numeric'
  const bound = (after: boolean): string | undefined => boundSql(native, other, after, isNumeric)
  if (native.type === 'uuid') {
    const from = operator === '=' || operator === '<>' ? undefined : bound(false)
    if (from === undefined || other.type !== 'text') return undefined
    if (isNumeric && mayBeNumber(other)) return undefined
    // Past the last uuid the bound is that itself, so that the texts decide in the end.
    const near = operator.startsWith('<') ? '<=' : '>='
    return `(${native.sql} ${near} ${from} AND ${column.sql} ${operator} ${other.sql})`
  }
  const [from, after] = [bound(false), bound(true)]
  if (from === undefined || after === undefined) return undefined
  switch (operator) {
    case '<':
      return `(${native.sql} < ${from})`
    case '>=':
      return `(${native.sql} >= ${from})`
    case '<=':
      return `(${native.sql} < ${after})`
    case '>':
      return `(${native.sql} >= ${after})`
    case '=':
      return `(${native.sql} >= ${from} AND ${native.sql} < ${after})`
    case '<>':
      return `(${native.sql} < ${from} OR ${native.sql} >= ${after})`
    default:
      return operator satisfies never
  }
}

/**
 * Of a parameter, a literal, or what is computed once for the whole statement.
 * @param isNumeric the text of a number counts as that number
 */
function boundSql(
  native: Native,
  other: TypedExpression,
  after: boolean,
  isNumeric: boolean,
): string | undefined {
  const { type, column } = native
  if (type === 'numeric' || (type !== 'date' && type !== 'uuid' && !type.startsWith('timestamptz')))
    return undefined
  const { affinity } = column
  const parameter = parameterOf(other)
  if (parameter !== undefined) {
    return parameter.slot(slotType(type), after ? 'after' : 'from', { type, affinity })
  }
  if (other.literal !== undefined) return literalBound(native, other.literal, after)
  if (!other.constant || type === 'uuid') return undefined
  const beyond = after ? 'TRUE' : 'FALSE'
  if (type === 'timestamptz(seconds)' || type === 'timestamptz(milliseconds)') {
    const json = toDynamic(other)
    const value = isNumeric ? `sqlite.apply_numeric(${json})` : json
    const perSecond = type === 'timestamptz(seconds)' ? 1 : 1000
    return `(SELECT sqlite.epoch_bound(${value}, ${beyond}, ${perSecond}))`
  }
  if (other.type !== 'text') return undefined
  const given = `${other.sql}, ${beyond}, ${isNumeric ? 'TRUE' : 'FALSE'}`
  if (type === 'date') return `(SELECT sqlite.date_bound(${given}))`
  const iso = type === 'timestamptz(iso)' ? 'TRUE' : 'FALSE'
  return `(SELECT sqlite.moment_bound(${given}, ${iso}))`
}

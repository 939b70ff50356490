import { allConstant, shownOf, typed, type Collation, type TypedExpression } from './expression.ts'
import { refuseMixedAffinity } from './mixed-affinity.ts'
import { mixedComparison, turned } from './mixed-numbers.ts'
import { nativeComparison } from './native-comparison.ts'
import { isEqualAlike, isSortedAlike, nativeOf } from './native.ts'
import { ofNull } from './of-null.ts'
import { operands, type NumberSide, type Operands, type TextSide } from './operands.ts'
import { bounded } from './parameter-values.ts'
import { Refusal } from './refuse.ts'

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>='

/**
 * A comparison by SQLite's rules of affinity, class and collation, as a condition.
 * @param isTerm it is a term of a WHERE or an ON, or one of those that OR joins
 */
export function compare(
  left: TypedExpression,
  operator: ComparisonOperator,
  right: TypedExpression,
  isTerm = false,
): TypedExpression {
  refuseMixedAffinity(left, operator, right, isTerm)
  const facts = {
    notNull: left.notNull && right.notNull,
    constant: allConstant([left, right]),
  }
  const native = nativeComparison(left, operator, right)
  if (native !== undefined) return typed(native, 'boolean', facts)
  const pair = operands(left, right)
  switch (pair.kind) {
    case 'null':
      return ofNull([left, right], 'boolean')
    case 'direct': {
      if (pair.mixed) return typed(mixedComparison(pair.mixed, operator), 'boolean', facts)
      const [a, b] = [
        bounded(left, pair.left, turned(operator)),
        bounded(right, pair.right, operator),
      ]
      return typed(`(${a} ${operator} ${b})`, 'boolean', facts)
    }
    case 'text':
      return typed(textComparison(pair, operator), 'boolean', facts)
    case 'classes':
      return typed(fixed(holds(pair.order, operator), left, right), 'boolean', facts)
    case 'dynamic':
      return typed(dynamicComparison(pair, operator), 'boolean', facts)
    default:
      return pair satisfies never
  }
}

type TextPair = Extract<Operands, { kind: 'text' }>

/** Equality does not depend on PostgreSQL's collation, an order does. */
function textComparison(pair: TextPair, operator: ComparisonOperator): string {
  const { collation, ordered, number } = pair
  const [left, right] = textSides(pair)
  if (operator === '=' || operator === '<>') return `(${left} ${operator} ${right})`
  if (number === 'right') return boundComparison(left, operator, right)
  if (number === 'left') return boundComparison(right, turned(operator), left)
  const order = ordered || collation !== 'BINARY'
  return order ? `(${left} ${operator} ${right})` : `(${left} ${operator} (${right} COLLATE "C"))`
}

/** A text that is no number beside one that may be: by the bound that stands for that one, which an index can serve. */
function boundComparison(text: string, operator: ComparisonOperator, other: string): string {
  const isAfter = operator === '<=' || operator === '>'
  const bound = `sqlite.text_bound(${other}, ${isAfter ? 'TRUE' : 'FALSE'}) COLLATE "C"`
  return `(${text} ${operator.startsWith('<') ? '<' : '>='} (${bound}))`
}

/** The same text as in the index that stands for SQLite's. */
export function collated(sql: string, collation: Collation): string {
  switch (collation) {
    case 'BINARY':
      return sql
    case 'NOCASE':
      return `lower(${sql} COLLATE "C")`
    case 'RTRIM':
      return `rtrim(${sql} COLLATE "C", ' ')`
    default:
      return collation satisfies never
  }
}

type DynamicPair = Extract<Operands, { kind: 'dynamic' }>

/** `=` with a text is written so that an index on the text of a json value can serve it. */
function dynamicComparison(pair: DynamicPair, operator: ComparisonOperator): string {
  if (pair.text !== null && operator === '=') {
    const { sql, other } = pair.text
    const { text } = other
    if (text?.of === other.sql) return `(${text.sql} = ${sql} AND ${text.isText})`
    const near = nearText(pair.text)
    return `(${near}sqlite.dynamic_text(${other.sql}) = ${sql} AND json_typeof(${other.sql}) = 'string')`
  }
  const node = pair.number && nodeComparison(pair.number, operator)
  if (node) return node
  return `(sqlite.compare(${pair.left}, ${pair.right}) ${operator} 0)`
}

/**
 * What the server sees in the document at once, before it looks for the value: the node's text, which only an array or
 * object has in another form than SQL sees it.
 */
function nearText({ sql, literal, other }: TextSide): string {
  const node = shownOf(other)
  if (node?.decoder !== 'node' || (typeof literal === 'string' && /^[[{]/.test(literal))) return ''
  const near = `(${node.sql} #>> '{}') = ${sql}`
  const mayBeOther = typeof literal === 'string' ? '' : ` OR left(${sql}, 1) IN ('[', '{')`
  return mayBeOther === '' ? `${near} AND ` : `(${near}${mayBeOther}) AND `
}

/** A node of a document beside a number, without the value between them. */
function nodeComparison(
  { sql, other, isLeft }: NumberSide,
  operator: ComparisonOperator,
): string | undefined {
  const node = shownOf(other)
  if (node?.decoder !== 'node') return undefined
  const own = isLeft ? turned(operator) : operator
  return `(sqlite.compare_node(${node.sql}, ${sql}) ${own} 0)`
}

function holds(order: number, operator: ComparisonOperator): boolean {
  switch (operator) {
    case '=':
      return order === 0
    case '<>':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return operator satisfies never
  }
}

/** A result that is known for all values but NULL, which makes it NULL. */
export function fixed(result: boolean, ...sides: readonly TypedExpression[]): string {
  const nullable = sides.filter(({ notNull }) => !notNull)
  if (nullable.length === 0) return result ? 'TRUE' : 'FALSE'
  const test = result ? 'IS NOT NULL' : 'IS NULL'
  const tests = nullable.map(({ sql }) => `${sql} ${test}`).join(result ? ' AND ' : ' OR ')
  return result ? `((${tests}) OR NULL::boolean)` : `((${tests}) AND NULL::boolean)`
}

/** `IS` and `IS NOT`: NULL equals NULL, and the answer never is NULL. */
export function same(
  left: TypedExpression,
  right: TypedExpression,
  negated: boolean,
  isTerm = false,
): TypedExpression {
  const facts = { notNull: true, constant: allConstant([left, right]) }
  const nothing = [left, right].find(({ type }) => type === 'null')
  if (nothing !== undefined) {
    const other = nothing === left ? right : left
    const sql = nativeOf(other)?.sql ?? other.sql
    return typed(`(${sql} IS ${negated ? 'NOT ' : ''}NULL)`, 'boolean', facts)
  }
  refuseMixedAffinity(left, negated ? '<>' : '=', right, isTerm)
  const pair = operands(left, right)
  const isPlain = pair.kind === 'direct' && pair.mixed === null
  if (isPlain || pair.kind === 'text') {
    const sides = pair.kind === 'text' ? textSides(pair) : [pair.left, pair.right]
    const either = isTerm && !negated && sameColumns(sides, left, right)
    return typed(either || sameSides(sides, left, right, negated), 'boolean', facts)
  }
  const equal = `coalesce(${compare(left, '=', right, isTerm).sql}, FALSE)`
  const both = `(${left.sql} IS NULL AND ${right.sql} IS NULL)`
  return typed(`(${negated ? 'NOT ' : ''}(${equal} OR ${both}))`, 'boolean', facts)
}

/**
 * Of two columns that can be NULL, in the words that an index can serve. It is NULL where one of them is, which is as good as
 * false for a term of WHERE and ON.
 */
function sameColumns(
  sides: readonly string[],
  left: TypedExpression,
  right: TypedExpression,
): string | false {
  const isFit = [left, right].every(({ column, notNull }) => column !== null && !notNull)
  return isFit && `(${sides.join(' = ')} OR (${sides.join(' IS NULL AND ')} IS NULL))`
}

/** `IS NOT DISTINCT FROM` can use no index, so it is only written where both sides can be NULL. */
function sameSides(
  sides: readonly string[],
  left: TypedExpression,
  right: TypedExpression,
  negated: boolean,
): string {
  const [nullable, second] = [left, right].filter(({ notNull }) => !notNull)
  if (second !== undefined) {
    return `(${sides.join(negated ? ' IS DISTINCT FROM ' : ' IS NOT DISTINCT FROM ')})`
  }
  const compared = sides.join(negated ? ' <> ' : ' = ')
  if (nullable === undefined) return `(${compared})`
  return negated
    ? `(${compared} OR ${nullable.sql} IS NULL)`
    : `(${compared} AND ${nullable.sql} IS NOT NULL)`
}

function textSides(pair: TextPair): [string, string] {
  return [collated(pair.left, pair.collation), collated(pair.right, pair.collation)]
}

/**
 * What is equal for two values exactly where SQLite calls them equal: for GROUP BY, DISTINCT, set operations
 * and IN.
 */
export function equalityKey(expression: TypedExpression): string {
  refuseMissorted(expression)
  const { type, sql, collation } = expression
  if (type === 'text') return collated(sql, collation)
  // A NULL alone can be no term of GROUP BY or ORDER BY.
  if (type === 'null' && sql === 'NULL') return 'NULL::text'
  if (type !== 'dynamic') return sql
  const folded = collation === 'BINARY' ? sql : `sqlite.dynamic_fold(${sql}, '${collation}')`
  return `sqlite.dynamic_key(${folded})`
}

/** The term of GROUP BY for a value, from which PostgreSQL can tell the value. */
export function groupKey(expression: TypedExpression): string {
  const native = nativeOf(expression)
  return native !== undefined && isEqualAlike(native) ? native.sql : equalityKey(expression)
}

/** The keys that sort as SQLite does, most significant first. */
export function sortKeys(expression: TypedExpression): readonly string[] {
  const native = nativeOf(expression)
  if (native !== undefined && isSortedAlike(native)) return [native.sql]
  refuseMissorted(expression)
  const { type, sql, collation, column } = expression
  if (type === 'dynamic') {
    const text = collated(`sqlite.sort_text(${sql})`, collation)
    const ordered = collation === 'BINARY' ? `(${text} COLLATE "C")` : text
    return [`sqlite.sort_class(${sql})`, `sqlite.sort_number(${sql})`, ordered]
  }
  if (type !== 'text') return [sql]
  if (collation !== 'BINARY') return [collated(sql, collation)]
  return [column === null ? `(${sql} COLLATE "C")` : sql]
}

/** SQLite sorts such rows no more, so that their order and their groups are of neither collation. */
function refuseMissorted({ isMissorted, collationFrom }: TypedExpression): void {
  if (isMissorted !== true || collationFrom === 'explicit') return
  throw new Refusal(
    'Sorting or telling apart by a column of a compound SELECT whose rows come in the order of another collation',
    'Write COLLATE in its first SELECT, or behind the column',
  )
}

import type { RelationColumn } from '../catalog.ts'
import { isNumericAffinity } from '../../values/affinity.ts'
import type { Affinity, Value } from '../../values/value.ts'
import type { Native } from './native.ts'
import type { ParameterReference } from './parameter-values.ts'

/**
 * What an expression is on the server.
 * - `integer`: bigint. `real`: float8. `text`: text, of any PostgreSQL collation (so an order needs
 *   `COLLATE "C"`). `blob`: bytea. `boolean`: PostgreSQL's own, a condition. `null`: the constant NULL, as text.
 * - `numeric`: float8 out of a column of NUMERIC affinity, or a parameter's numeric: INTEGER for SQLite where it is
 *   integral and in the range of 64 bits, else REAL.
 * - `dynamic`: json that carries its own class: a number without `.`, `e` and `E` is INTEGER, any other
 *   number REAL (`5.0`, `1e999` is infinity), a string TEXT, `{"blob":"C0FFEE"}` BLOB; NULL is SQL's NULL, never
 *   json's null.
 */
export type SqlType =
  | 'integer'
  | 'real'
  | 'numeric'
  | 'text'
  | 'blob'
  | 'boolean'
  | 'dynamic'
  | 'null'

export type Collation = 'BINARY' | 'NOCASE' | 'RTRIM'

/** A SQLite expression in PostgreSQL's words; `sql` stands anywhere without more parentheses. */
export interface TypedExpression {
  readonly sql: string
  readonly type: SqlType
  /** SQLite's, which decides over comparisons: a column's, a CAST's, else `none`. */
  readonly affinity: Affinity | 'none'
  readonly collation: Collation
  /** Where the collation comes from; an explicit one beats a column's, and a column's beats none. */
  readonly collationFrom: 'explicit' | 'column' | 'none'
  /** The column that this is, bare. */
  readonly column: RelationColumn | null
  /** Never NULL, outer joins considered. */
  readonly notNull: boolean
  /** The same for every row of the statement: no columns, nothing volatile. */
  readonly constant: boolean
  /** The value where the text is a literal; undefined where it is not. */
  readonly literal: Value | undefined
  /**
   * SQLite's subtype JSON: the text (PostgreSQL's `text`) that a JSON function puts into a document as it is,
   * where another text would become a JSON string. Left out where there is no such subtype, null where it cannot be
   * said whether there is: SQLite loses it where it sorts rows, for one.
   */
  readonly embedded?: string | null
  /** Of a text: NUMERIC affinity makes a number of it in no row. */
  readonly isNoNumber?: boolean
  /** Of a column whose type on PostgreSQL a configuration chose; read it by `nativeOf`. */
  readonly native?: Native
  /** The application's parameter that it is; read it by `parameterOf`. */
  readonly parameter?: ParameterReference
  /** Of a dynamic value: it is a number in every row where it is not NULL. */
  readonly numbers?: boolean
  /** Of a dynamic value: its text where it is one, in words that an index may have, and whether it is one. */
  readonly text?: { readonly sql: string; readonly isText: string; readonly of: string }
  /** What a statement may show in its result instead of the expression `of`; read it by `shownOf`. */
  readonly shown?: Shown & { readonly of: string }
  /** Of a column whose rows come sorted by another collation than its own, and which SQLite takes for sorted by its own. */
  readonly isMissorted?: true
  /** Of a column of a compound whose SELECTs give it several affinities: each one's; see mixed-affinity.ts. */
  readonly parts?: readonly Pick<TypedExpression, 'type' | 'affinity'>[]
  /** Of a column that was computed from one that a compound makes REAL, by the class that it has; see real-affinity.ts. */
  readonly readsClass?: true
  /** Of a recursive table's column in its own SELECT, which has the table's affinity only where that is found. */
  readonly isOwn?: true
  /**
   * Of a column of a subquery in whose place SQLite reads the tables behind it: what an aggregate query of no rows shows of
   * it, null where nobody can say. A column that is left out here is NULL.
   */
  readonly ofNoRow?: string | null
  /** The subtype is that of a column, which a subquery in FROM may keep; that of a function it loses. */
  readonly subtypeOfColumn?: true
}

/** A form that takes the server less time, of which the reader makes the value. */
export interface Shown {
  readonly sql: string
  readonly decoder: 'node' | 'node-text'
}

/** Undefined where another expression has been made of the one that it stands for. */
export function shownOf({ shown, sql }: TypedExpression): Shown | undefined {
  return shown?.of === sql ? shown : undefined
}

/** An expression that is neither a column nor a literal, as most are; `more` says what else is known. */
export function typed(
  sql: string,
  type: SqlType,
  more: Partial<Omit<TypedExpression, 'sql' | 'type'>> = {},
): TypedExpression {
  return {
    sql,
    type,
    affinity: 'none',
    collation: 'BINARY',
    collationFrom: 'none',
    column: null,
    notNull: false,
    constant: false,
    literal: undefined,
    ...more,
  }
}

/** A column of a numeric affinity holds numbers to SQLite, also where it is text on PostgreSQL. */
export function isTextual({ type, affinity }: TypedExpression): boolean {
  return type === 'text' && (affinity === 'none' || !isNumericAffinity(affinity))
}

/** The result of an operator or function is row-independent where all its operands are. */
export function allConstant(operands: readonly TypedExpression[]): boolean {
  return operands.every(({ constant }) => constant)
}

/** Never NULL where no operand is: true of most operators, not of division. */
export function allNotNull(operands: readonly TypedExpression[]): boolean {
  return operands.every(({ notNull }) => notNull)
}

/** A dynamic value that is one of several is a number where all of these are. @param type of what is made of them */
export function numbersOf(
  type: SqlType,
  values: readonly TypedExpression[],
): Pick<TypedExpression, 'numbers'> {
  const isNumber = ({ type: own, numbers }: TypedExpression): boolean =>
    own === 'dynamic' ? numbers === true : own !== 'text' && own !== 'blob'
  return type === 'dynamic' && values.every(isNumber) ? { numbers: true } : {}
}

/** A condition as the number that SQLite makes of it; everything else as it is. */
export function asValue(expression: TypedExpression): TypedExpression {
  if (expression.type !== 'boolean') return expression
  const { notNull, constant, collation, collationFrom } = expression
  const facts = { notNull, constant, collation, collationFrom }
  return typed(`(${expression.sql})::int::bigint`, 'integer', facts)
}

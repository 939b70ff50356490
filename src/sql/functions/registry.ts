import type { FunctionCallExpr, FunctionCallStarExpr } from 'sqlite3-parser'
import type { LockstepError } from '../../core/errors.ts'
import type { TypedExpression } from '../translate/expression.ts'

/**
 * One of SQLite's functions as PostgreSQL computes it. What the server has no function for is in the schema
 * `sqlite`, made by src/compat; names there are written qualified (`sqlite.substr(...)`). The conversions
 * between classes and the operators of dynamic values are in src/compat/values.sql, which comes with the
 * emitter: use them by way of `FunctionContext`.
 */
export interface SqlFunction {
  /** In small letters. */
  readonly name: string
  /** The numbers of arguments that SQLite takes; `max` is null where there is no limit. */
  readonly arity: { readonly min: number; readonly max: number | null }
  /**
   * - `scalar`;
   * - `aggregate`: may also stand with OVER. `min` and `max` of one argument are aggregates, of several scalars,
   *   so each has two entries;
   * - `window`: only with OVER.
   */
  readonly kind: 'scalar' | 'aggregate' | 'window'
  /**
   * - `immutable` (the default);
   * - `stable`: the same throughout a statement (dates with 'now'); where no argument comes from a row the
   *   emitter wraps the result in `(SELECT ...)`, so that it is computed once and can use an index;
   * - `volatile`: another value for each call (random()), never constant.
   */
  readonly volatility?: 'immutable' | 'stable' | 'volatile'
  /**
   * The call in PostgreSQL's words. The result's `constant` is set by the emitter; `sql` stands anywhere without
   * more parentheses. What cannot be said faithfully is refused by `context.unsupported`.
   */
  emit(call: FunctionCall, context: FunctionContext): TypedExpression
}

export interface FunctionCall {
  readonly name: string
  /** Values, never conditions. Empty for `count(*)`. */
  readonly args: readonly TypedExpression[]
  readonly star: boolean
  readonly distinct: boolean
  /** The sort keys of `group_concat(x ORDER BY y)`, as PostgreSQL's text without the keywords, or null. */
  readonly orderBy: string | null
  /** The order in which SQLite reads the rows, likewise; null where that is not known. It takes time to find out. */
  readingOrder(): string | null
  /**
   * What goes behind the call of a PostgreSQL aggregate or window function: ` FILTER (WHERE ...)` and
   * ` OVER (...)`, or nothing. Aggregates must write it: `sum(x)${call.tail}`. Where the result is converted, the
   * conversion goes around both: `(sum(x)${call.tail})::bigint`.
   */
  readonly tail: string
  readonly over: boolean
  /** As `tail`, of all rows that a frame has had so far, where some have left it again. */
  readonly addedTail?: string | undefined
  readonly node: FunctionCallExpr | FunctionCallStarExpr
}

export interface FunctionContext {
  /**
   * An argument as SQLite's functions read text (`sqlite3_value_text`): a number in its canonical text, a blob's
   * bytes taken as UTF-8. NULL stays NULL.
   */
  text(expression: TypedExpression): string
  /** As `CAST(x AS INTEGER)` (`sqlite3_value_int64`): a bigint, by the longest prefix that is a number. */
  integer(expression: TypedExpression): string
  /** As `CAST(x AS REAL)` (`sqlite3_value_double`): float8. */
  real(expression: TypedExpression): string
  /** A json that carries its class; see `dynamic` in expression.ts. */
  dynamic(expression: TypedExpression): string
  /** Equal exactly where SQLite calls the values equal: for DISTINCT. The text itself where PostgreSQL agrees. */
  key(expression: TypedExpression): string
  /** Values of it may be equal and not the same: texts under NOCASE, 1 and 1.0. */
  isDoubtful(expression: TypedExpression): boolean
  /** The keys that sort as SQLite does, with NULLs where SQLite has them: for ORDER BY, min and max. */
  sortKeys(expression: TypedExpression): readonly string[]
  /** A PostgreSQL boolean, as WHERE would take it. */
  condition(expression: TypedExpression): string
  /**
   * Several expressions made one type, the one that they share or else `dynamic`: the arguments of coalesce,
   * iif, scalar min and max. NULLs take the type of the others.
   */
  unify(expressions: readonly TypedExpression[]): {
    readonly type: TypedExpression['type']
    readonly sql: readonly string[]
  }
  unsupported(construct: string, wayOut: string): LockstepError
  /** In SQLite's words, as it would fail when it prepares the statement. */
  wrong(message: string): LockstepError
}

/** Where the groups are put together: one entry for each name and kind. */
export interface FunctionRegistry {
  /** Undefined where SQLite has no such function, or none with so many arguments. */
  find(name: string, args: number): SqlFunction | undefined
  has(name: string): boolean
}

/** Entries of one name are told apart by their numbers of arguments (`min(x)` and `min(x, y)`). */
export function createRegistry(groups: readonly (readonly SqlFunction[])[]): FunctionRegistry {
  const byName = new Map<string, SqlFunction[]>()
  for (const entry of groups.flat()) {
    byName.set(entry.name, [...(byName.get(entry.name) ?? []), entry])
  }
  return {
    find: (name, args) =>
      byName
        .get(name)
        ?.find(({ arity: { min, max } }) => args >= min && (max === null || args <= max)),
    has: (name) => byName.has(name),
  }
}

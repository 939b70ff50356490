import type { Affinity, UpgradedType } from '../values/value.ts'
import type { StatementKind } from './statement.ts'
import type { Collation } from './translate/expression.ts'

/** One SQLite statement as PostgreSQL runs it. Immutable, and good for one version of the catalog. */
export interface Translation {
  readonly kind: StatementKind
  /** Run in order, in one transaction where there are several; exactly one has the role `result`. */
  readonly steps: readonly Step[]
  /** By SQLite's rules, as PostgreSQL names columns otherwise; empty where no rows are returned. */
  readonly columns: readonly ResultColumn[]
  /**
   * How many of the result step's last columns are Lockstep's own (`RETURNING` of the rowid) and are
   * not the application's; the last of them is the rowid of a row that was inserted, else NULL.
   */
  readonly hiddenColumns: number
  /** The table of an INSERT whose rows have a rowid on SQLite alone. */
  readonly unknownRowid?: string
  /** A view is written: SQLite forgets the rowids that its triggers gave, also where they fail. */
  readonly intoView?: boolean
  /** Its own conflicts are left out, and SQLite leaves out those of its triggers too, where PostgreSQL fails. */
  readonly ignoresConflicts?: boolean
  /** An operator wrote it for a SELECT, so that the server sees to it that it changes nothing. */
  readonly mustOnlyRead?: boolean
  /** Triggers or foreign keys may change more rows than PostgreSQL counts. */
  readonly carriesOn?: boolean
  /** What the text says of the order of the rows: `some` is an ORDER BY that may leave ties. */
  readonly order: 'none' | 'some' | 'total'
  /**
   * What the text was made for: it is good for other values as well, as long as each of these parameters is
   * of one of its classes. A cache keeps the variants of one SQL text and takes the first that fits.
   */
  readonly assumptions: readonly ParameterAssumption[]
}

export interface ParameterAssumption {
  /** SQLite's number of the parameter, from 1. */
  readonly parameter: number
  readonly classes: readonly ParameterClass[]
}

export interface Step {
  /** With `$1`, `$2`, ... each with an explicit cast. */
  readonly text: string
  /** What `$n` stands for, at n - 1. */
  readonly slots: readonly Slot[]
  /** `result` gives the rows, the count and the rowid; `prepare` and `finish` give nothing. */
  readonly role: 'prepare' | 'result' | 'finish'
}

/** One use of a parameter. The same parameter has a slot for each type that it is cast to. */
export interface Slot {
  /** SQLite's number of the parameter, from 1. */
  readonly parameter: number
  readonly type: SlotType
  /** What must be done with the value before it is sent. */
  readonly use: SlotUse
  /** The column of an idiomatic type that the value is for. */
  readonly column?: UpgradedColumn
}

export interface UpgradedColumn {
  readonly type: UpgradedType
  readonly affinity: Affinity
}

/** The type in the slot's cast. */
export type SlotType =
  | 'bigint'
  | 'float8'
  | 'numeric'
  | 'text'
  | 'bytea'
  | 'boolean'
  | 'json'
  | 'jsonb'
  | 'timestamptz'
  | 'date'
  | 'uuid'

/**
 * - `value`: sent as it is, by its own class;
 * - `integer`, `real`, `numeric`, `text`: SQLite's affinity is applied first, as a column would
 *   (`'34'` becomes 34, 5.0 becomes `'5.0'`);
 * - `limit`: a negative number means no limit, and is sent as NULL;
 * - `stored`: as the column holds it, by the codec of its idiomatic type (a boolean from 0 and 1, ...);
 * - `same`: what the column holds of the value, or what it holds nowhere where the value has no form there;
 * - `floor`, `ceiling`: the double next to the value, see real-bound.ts, as `same` is for a double;
 * - `from`, `after`: the bound that stands for the value; see values/bounds.ts;
 * - `like from`, `like before`: the bounds of what a pattern of LIKE can match; see like-bounds.ts;
 * - `like escape`: as it is, where it is one character that LIKE can have for its escape.
 */
export type SlotUse =
  | 'value'
  | 'integer'
  | 'real'
  | 'numeric'
  | 'text'
  | 'limit'
  | 'stored'
  | 'same'
  | 'from'
  | 'after'
  | 'floor'
  | 'ceiling'
  | 'like from'
  | 'like before'
  | 'like escape'

export interface ResultColumn {
  /** SQLite's name for it: the alias, the column's declared name, or the text of the expression. */
  readonly name: string
  /**
   * How PostgreSQL's value becomes SQLite's. `dynamic` is a `json` scalar that carries its own class;
   * `numeric-text` is a text column of a numeric affinity, where SQLite keeps a number for what looks
   * like one; `node` is json as it stands in a document, of which SQL sees another value, and `node-text` its text;
   * `instant` is a `timestamptz` of an override, which is UTC without its offset.
   */
  readonly decoder:
    | 'integer'
    | 'real'
    | 'numeric'
    | 'numeric-text'
    | 'text'
    | 'blob'
    | 'boolean'
    | 'dynamic'
    | 'node'
    | 'node-text'
    | 'instant'
    | 'null'
}

/**
 * What is known of a parameter's value when a statement is translated. A REAL or TEXT that a column of a
 * numeric affinity would take for a number is told apart, as it compares as one: `integral-real` and
 * `integral-text` become an INTEGER there (2.0, `'34'`, `' 1e3 '`), `numeric-text` a REAL (`'33.5'`). Only the rows
 * of triggers have values that are `dynamic`: of any class, as json says it.
 */
export type ParameterClass =
  | 'null'
  | 'integer'
  | 'integral-real'
  | 'real'
  | 'integral-text'
  | 'numeric-text'
  | 'text'
  | 'blob'
  | 'dynamic'

/**
 * Translates one statement.
 * - Wrong SQL: `SQLITE_ERROR` in SQLite's words, as it would be on SQLite (no such table, no such column,
 *   syntax error).
 * - What has no faithful form: `SQL_UNSUPPORTED` with the construct, its line and column, and what to do.
 */
export interface Translator {
  /**
   * @param classes of the parameters, by SQLite's number minus 1; only those that matter are looked at.
   * @param columns the collations of the parameters that stand for a column of a trigger's row, by the same number
   */
  translate(
    sql: string,
    classes: readonly ParameterClass[],
    columns?: readonly (Collation | undefined)[],
  ): Translation
}

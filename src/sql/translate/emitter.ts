import type {
  Expr,
  Limit,
  ResultColumn as ResultNode,
  Select,
  SortedColumn,
  With,
} from 'sqlite3-parser'
import type { CollateExpr, FromClause, QualifiedName } from 'sqlite3-parser'
import type { LockstepError } from '../../core/errors.ts'
import type { Catalog, Relation, RelationColumn } from '../catalog.ts'
import type { StatementKind } from '../statement.ts'
import type { ResultColumn, Step, Translation } from '../translation.ts'
import type { TypedExpression } from './expression.ts'
import type { GuessedClass } from './guessed-classes.ts'
import type { Parameters } from './parameters.ts'
import type { Scope, Source } from './scope.ts'

/**
 * What the parts of the translator ask of each other for one statement. Modules take it as an argument and do
 * not import one another where they are recursive, so that there are no cycles; `createEmitter` ties them together.
 */
export interface Emitter {
  readonly sql: string
  readonly catalog: Catalog
  readonly parameters: Parameters

  /** In the form that comes naturally: a comparison is a `boolean`, a parameter is of its class's type. */
  expression(node: Expr, scope: Scope): TypedExpression
  /** As `expression`, but a condition is the integer that SQLite makes of it. */
  value(node: Expr, scope: Scope): TypedExpression
  /** As WHERE takes it: a PostgreSQL boolean, NULL where SQLite's is. */
  condition(node: Expr, scope: Scope): string
  /** As `condition`, of a WHERE or an ON, whose terms SQLite looks at one by one. */
  filter(node: Expr, scope: Scope): string
  /** What the node is in such a condition: one of its terms, one of those that OR joins to one, or neither. */
  termOf(node: Expr): Term | undefined
  /** The parts of a row value, `(a, b)` or a subquery's columns in parentheses; undefined where it is a scalar. */
  row(node: Expr, scope: Scope): readonly TypedExpression[] | undefined
  /**
   * The value that a column is given by INSERT or SET, with the column's affinity applied and of its
   * PostgreSQL type. A parameter is cast to the column's type and its affinity is left to the slot's `use`.
   */
  store(node: Expr, column: RelationColumn, scope: Scope): string
  /** With an explicit collation. */
  collate(value: TypedExpression, node: CollateExpr): TypedExpression
  /** As `store`, of a value that is there already: a column of `INSERT ... SELECT`. */
  storeTyped(value: TypedExpression, column: RelationColumn, offset: number): string
  /** SQLite's number of a parameter, where the node is one and nothing else (parentheses aside). */
  parameterOf(node: Expr): number | undefined

  /**
   * The same statement's emitter for expressions out of another text (a DEFAULT, a CHECK or an index of the
   * schema), which the spans of their nodes point into. Parameters, names and levels are shared.
   */
  within(sql: string): Emitter

  /** A query, without parentheses. */
  select(node: Select, scope: Scope | null, options?: SelectOptions): EmittedSelect
  /** Notes that a column of these sources is read; `correlated` comes from it. */
  read(sources: readonly Source[]): void
  /** Does the work, and says whose columns it has read. */
  observe<T>(work: () => T): Observed<T>
  /** ` FROM ...` of UPDATE ... FROM: the text without the keyword, and the sources. */
  from(node: FromClause, scope: Scope | null): EmittedFrom
  /**
   * `WITH ...` and a blank, or nothing; the common tables are in the scope that comes back.
   * @param ordered see `emitWith`
   */
  with(
    node: With | undefined,
    scope: Scope | null,
    ordered?: ReadonlySet<string>,
  ): { readonly sql: string; readonly scope: Scope | null }
  /** RETURNING's columns (and a SELECT's): text with its aliases, and the names and decoders of the result. */
  results(nodes: readonly ResultNode[], scope: Scope): EmittedColumns
  /** ` ORDER BY ...` or nothing, for rows of this scope. */
  orderBy(nodes: readonly SortedColumn[] | undefined, scope: Scope): string
  /** ` LIMIT ... OFFSET ...` or nothing. */
  limit(node: Limit | undefined, scope: Scope | null): string

  /** The table or view of that name; `no such table` in SQLite's words where there is none. */
  relation(name: QualifiedName): Relation
  /**
   * The source that stands for a table under a name on PostgreSQL.
   * @param sqlName quoted; @param nullable where an outer join can make its rows NULL.
   */
  source(relation: Relation, name: string, sqlName: string, nullable?: boolean): Source

  /** Nested levels are counted here, so that no text can exhaust the stack. */
  nest<T>(node: { readonly span: { readonly offset: number } }, work: () => T): T
  /** A name for PostgreSQL's eyes only, unique in the statement. Quoted. */
  freshName(stem: string): string
  /** What SQLite itself would refuse, in its words; throw it. */
  wrong(message: string, offset: number): LockstepError
  /** What has no faithful form; throw it. */
  unsupported(construct: string, offset: number, wayOut: string): LockstepError
}

export type Term = 'conjunct' | 'alternative'

export interface Observed<T> {
  readonly result: T
  /** The sources of each query of which a column was read. */
  readonly read: ReadonlySet<readonly Source[]>
}

export interface SelectOptions {
  /** How the values are used: an INSERT's columns, so that parameters are cast to them and values are stored. */
  readonly store?: readonly RelationColumn[]
  /** The JSON texts of the values instead of the values; see `TypedExpression.embedded`. */
  readonly embedded?: boolean
  /** The rows are the statement's own: a value may have the form that its decoder reads; see `TypedExpression.shown`. */
  readonly shown?: boolean
  /** Only whether there are rows matters (EXISTS). */
  readonly exists?: boolean
  /** Which rows come first matters: of an INSERT's, and of a subquery of which one row is read. */
  readonly sorted?: boolean
  /** Of a recursive table with a LIMIT: the column of the first source that counts the steps, and the limit. */
  readonly counter?: { readonly sqlName: string; readonly limit: string }
  /** Of a subquery that gives the rows of a table as they are read: whoever reads it may ask for their order. */
  readonly placed?: boolean
}

export interface EmittedSelect {
  readonly sql: string
  /** What the query gives, by the names that PostgreSQL knows its columns by (not qualified). */
  readonly columns: readonly EmittedColumn[]
  readonly order: Translation['order']
  /** Of a compound: the columns of its last arm; see `operandColumns`. */
  readonly last?: readonly EmittedColumn[]
  /** Of VALUES that is a compound to SQLite: the columns of its arms. */
  readonly arms?: readonly { readonly columns: readonly EmittedColumn[] }[]
  /** It reads columns of a query around it. */
  readonly correlated: boolean
  /** PostgreSQL's name of a column behind the others that has the place of each row; see `SelectOptions.placed`. */
  readonly place?: string
}

/** A query as its parts make it, before it is known what it reads. */
export type SelectText = Omit<EmittedSelect, 'correlated'>

export interface EmittedColumn {
  /** SQLite's name of it in the result: as the column is declared. */
  readonly name: string
  /** SQLite's name of it for a query around this one: as it is written here, `rowid` for one. */
  readonly written: string
  /** PostgreSQL's, quoted and unique within the query. */
  readonly sqlName: string
  /** Its type, affinity and collation; `sql` is the text within the query. */
  readonly expression: TypedExpression
  readonly result: ResultColumn
  /** What SQLite guesses of it while it parses, where it is not by its affinity alone. */
  readonly guess?: () => readonly GuessedClass[]
  /** It is a CAST and nothing else. */
  readonly isCast?: boolean
}

export interface EmittedColumns {
  readonly sql: string
  readonly columns: readonly EmittedColumn[]
}

export interface EmittedFrom {
  readonly sql: string
  readonly sources: readonly Source[]
  /** What a further USING compares, by folded name, where that is another thing than the name means. */
  readonly using?: ReadonlyMap<string, TypedExpression>
  /** The same rows, and what tells each from the others; left out where nothing does. */
  readonly keyed?: KeyedFrom
}

export interface KeyedFrom {
  readonly sql: string
  /** Expressions that are never NULL. */
  readonly keys: readonly string[]
}

/** A translated statement whose parameters still are marks. */
export interface Plan {
  readonly kind: StatementKind
  readonly steps: readonly { readonly sql: string; readonly role: Step['role'] }[]
  readonly columns: readonly ResultColumn[]
  readonly hiddenColumns: number
  readonly order: Translation['order']
  readonly ignoresConflicts?: boolean
}

import type { Expr, Window } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import type { TypedExpression } from './expression.ts'

/** A column that a name can mean. */
export interface SourceColumn {
  /** As SQLite knows it, for `*`, for the result's name and for messages. */
  readonly name: string
  /** Its name where `*` shows it, if that is another: joins in parentheses make theirs different. */
  readonly shown?: string
  /** How it is reached on PostgreSQL, qualified. */
  readonly expression: TypedExpression
}

/** One term of a FROM clause, or the table of an INSERT, UPDATE or DELETE, or `excluded`. */
export interface Source {
  /** The alias, or the table's name, as SQLite's `a.b` finds it; null for a subquery without one. */
  readonly name: string | null
  /** What stands before the dot on PostgreSQL, quoted. */
  readonly sqlName: string
  readonly columns: readonly SourceColumn[]
  /** Columns that a name can mean and `*` does not show: what a table-valued function was called with. */
  readonly hidden?: readonly SourceColumn[]
  /** What `rowid`, `oid` and `_rowid_` mean where no column has that name. */
  readonly rowid: TypedExpression | null
  /** The table or view behind it, null for subqueries and common table expressions. */
  readonly relation: Relation | null
  /**
   * Columns that USING or NATURAL merged into a source to the left: by folded name, the merged expression.
   * An unqualified name means that, and `*` leaves this source's own out.
   */
  readonly merged: ReadonlyMap<string, TypedExpression>
  /** Another text of FROM that does where none of some columns is read; see lean-from.ts. */
  readonly lean?: LeanFrom
  /** Of a subquery that gives the rows of a table as SQLite reads them: what sorts them so, which no name means. */
  readonly place?: string
}

export interface LeanFrom {
  readonly whole: string
  readonly lean: string
  /** The columns that it lacks, as the statement reads them. */
  readonly lacks: readonly string[]
}

/** A common table expression that is in reach. */
export interface CommonTable {
  readonly name: string
  readonly sqlName: string
  readonly columns: readonly SourceColumn[]
  /** It is being defined, and is none that may refer to itself. */
  readonly isOpen?: true
}

/** An output column's alias, which WHERE, GROUP BY, HAVING and ORDER BY may use where no column has that name. */
export interface Alias {
  readonly name: string
  readonly expr: Expr
}

/** A window of a WINDOW clause. */
export interface NamedWindow {
  readonly sqlName: string
  readonly window: Window
}

/** How an aggregate query reads columns outside of aggregates; see grouping.ts. */
export interface Grouping {
  /** The PostgreSQL text of each GROUP BY term, and the term. */
  readonly keys: ReadonlyMap<string, TypedExpression>
  /** The kinds of syntax nodes that GROUP BY terms are, so that others need not be compared. */
  readonly kinds: ReadonlySet<Expr['type']>
  /** A column that is not grouped, out of one row of the group. */
  bare(column: TypedExpression, source: Source | null): TypedExpression
}

/** What names mean at one place of a statement; `parent` is the query around a subquery. */
export interface Scope {
  readonly parent: Scope | null
  readonly sources: readonly Source[]
  readonly commonTables: readonly CommonTable[]
  readonly aliases: readonly Alias[]
  /** SQLite reads the rows of the first sources, or those that share terms, in an order that is known; see read-in-order.ts. */
  readonly isReadInOrder: (within?: readonly TypedExpression[], sources?: number) => boolean
  /** Null where rows are read one by one: WHERE, the arguments of an aggregate, a query without one. */
  readonly grouping: Grouping | null
  /** Aggregates may stand here: result columns, HAVING and ORDER BY. */
  readonly aggregates: boolean
  /** Window functions may stand here: result columns and ORDER BY. */
  readonly windows: boolean
  /** Named windows of the query, by folded name, as PostgreSQL's names. */
  readonly windowNames: ReadonlyMap<string, NamedWindow>
}

/** @param parent what is around it, whose common table expressions stay in reach. */
export function createScope(parent: Scope | null, own: Partial<Omit<Scope, 'parent'>> = {}): Scope {
  return {
    parent,
    sources: [],
    commonTables: [],
    aliases: [],
    isReadInOrder: () => false,
    grouping: null,
    aggregates: false,
    windows: false,
    windowNames: new Map(),
    ...own,
  }
}

/** A column in a query of groups. A term may group it by another collation than its own, which it keeps. */
export function groupedColumn(
  column: TypedExpression,
  source: Source | null,
  grouping: Grouping,
): TypedExpression {
  const key = grouping.keys.get(column.sql)
  if (key === undefined) return grouping.bare(column, source)
  const { collation, collationFrom } = column
  return { ...key, collation, collationFrom }
}

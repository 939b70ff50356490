import {
  parseStmt,
  type ColumnConstraint,
  type ColumnDefinition,
  type DeferSubclause,
  type Expr,
  type NamedTableConstraint,
  type ResolveType,
} from 'sqlite3-parser'

/** What the text of a CREATE TABLE holds and no PRAGMA tells. */
export interface TableText {
  readonly autoincrement: boolean
  /** The declared collation of each column that has one other than BINARY, by its name as declared. */
  readonly collations: ReadonlyMap<string, string>
  /** The text inside the parentheses of each GENERATED ALWAYS AS, by the column's name as declared. */
  readonly generated: ReadonlyMap<string, string>
  /** For each foreign key, in order of declaration, whether it is checked at COMMIT only. */
  readonly deferred: readonly boolean[]
  /** The text inside the parentheses of each CHECK. */
  readonly checks: readonly string[]
  /** What SQLite calls each of them where it fails: its name, else its text. */
  readonly checkNames: readonly string[]
  /** Constraints with an ON CONFLICT clause of their own. */
  readonly conflictClauses: number
}

/** Null where the text is not understood. */
export function readTableText(sql: string): TableText | null {
  const result = parseStmt(sql)
  if (result.status !== 'ok' || result.root.type !== 'CreateTableStmt') return null
  const { body } = result.root
  if (body.type !== 'ColumnsAndConstraintsCreateTableBody') return null
  const found = collect(sql)
  let called: string | undefined
  for (const column of body.columns) called = readColumn(column, found)
  let before: Span | undefined
  for (const each of body.constraints ?? []) {
    // A comma between two ends the reach of a name, and the one behind the columns does not.
    if (before !== undefined && isCommaBetween(before, each.span, sql)) called = undefined
    called = each.name?.text ?? called
    readTableConstraint(each, called, found)
    before = each.span
  }
  return found
}

type Span = NamedTableConstraint['span']

function isCommaBetween(first: Span, second: Span, sql: string): boolean {
  const between = sql.slice(first.offset + first.length, second.offset)
  return between.replaceAll(/--[^\n]*|\/\*[^]*?\*\//g, '').includes(',')
}

interface Collected extends TableText {
  readonly sql: string
  autoincrement: boolean
  readonly collations: Map<string, string>
  readonly generated: Map<string, string>
  readonly deferred: boolean[]
  readonly checks: string[]
  readonly checkNames: string[]
  conflictClauses: number
}

function collect(sql: string): Collected {
  return {
    sql,
    autoincrement: false,
    collations: new Map(),
    generated: new Map(),
    deferred: [],
    checks: [],
    checkNames: [],
    conflictClauses: 0,
  }
}

/** @returns the name that is in reach behind it */
function readColumn(column: ColumnDefinition, found: Collected): string | undefined {
  // A name goes for all constraints of the column behind it, up to the next one.
  let called: string | undefined
  for (const { name, constraint } of column.constraints) {
    called = name?.text ?? called
    if (constraint.type === 'CheckColumnConstraint') readCheck(constraint.expr, called, found)
    else readColumnConstraint(column.colName.text, constraint, found)
  }
  return called
}

function readColumnConstraint(name: string, constraint: ColumnConstraint, found: Collected): void {
  switch (constraint.type) {
    case 'PrimaryKeyColumnConstraint':
      if (constraint.autoIncrement) found.autoincrement = true
      countConflictClause(constraint.conflictClause, found)
      return
    case 'NotNullColumnConstraint':
    case 'UniqueColumnConstraint':
      countConflictClause(constraint.conflictClause, found)
      return
    case 'CollateColumnConstraint': {
      const collation = constraint.collationName.text.toUpperCase()
      if (collation === 'BINARY') found.collations.delete(name)
      else found.collations.set(name, collation)
      return
    }
    case 'GeneratedColumnConstraint':
      found.generated.set(name, textOf(constraint.expr, found.sql))
      return
    case 'ForeignKeyColumnConstraint':
      found.deferred.push(isDeferred(constraint.deferClause))
      return
    case 'DeferColumnConstraint':
      // SQLite's grammar takes the clause as a constraint of its own and applies it to the last key.
      if (found.deferred.length > 0) {
        found.deferred[found.deferred.length - 1] = isDeferred(constraint.clause)
      }
      return
    default:
  }
}

function readTableConstraint(
  { constraint }: NamedTableConstraint,
  called: string | undefined,
  found: Collected,
): void {
  switch (constraint.type) {
    case 'PrimaryKeyTableConstraint':
      if (constraint.autoIncrement) found.autoincrement = true
      countConflictClause(constraint.conflictClause, found)
      return
    case 'UniqueTableConstraint':
      countConflictClause(constraint.conflictClause, found)
      return
    case 'CheckTableConstraint':
      readCheck(constraint.expr, called, found)
      return
    case 'ForeignKeyTableConstraint':
      found.deferred.push(isDeferred(constraint.deferClause))
      return
    default:
  }
}

function readCheck(expr: Expr, name: string | undefined, found: Collected): void {
  const text = textOf(expr, found.sql)
  found.checks.push(text)
  found.checkNames.push(name ?? text)
}

function textOf({ span }: Expr, sql: string): string {
  return sql.slice(span.offset, span.offset + span.length)
}

function isDeferred(clause: DeferSubclause | undefined): boolean {
  return clause?.deferrable === true && clause.initDeferred === 'InitiallyDeferred'
}

function countConflictClause(clause: ResolveType | undefined, found: Collected): void {
  if (clause !== undefined && clause !== 'Abort') found.conflictClauses += 1
}

import { VisitorKeys } from 'sqlite3-parser'
import type { AstNode, QualifiedName, Stmt, With } from 'sqlite3-parser'

export interface TableUse {
  /** Every table and view read or written, in order of appearance, each once. */
  readonly tables: readonly string[]
  /** The table that the statement writes, defines or drops. */
  readonly target: string | null
}

/** Names of common table expressions, folded: SQLite compares ASCII letters without case. */
type Scope = ReadonlySet<string>

/** Table-valued functions that read no table of their own. https://www.sqlite.org/vtab.html */
const FUNCTIONS = /^(jsonb?_(each|tree)|generate_series|pragma_\w+|bytecode|tables_used)$/i

/** Every node, in order; `isNamed` says whether a table's name is that of a common table expression there. */
export function eachNode(
  statement: Stmt,
  see: (node: AstNode, isNamed: (name: QualifiedName) => boolean) => void,
): void {
  visit(statement, (node, scope) => see(node, (name) => scope.has(fold(name.objName.text))))
}

/** A table of another database than `main` is reported with its schema (`temp.t`). */
export function tablesOf(statement: Stmt): TableUse {
  const found = new Map<string, string>()
  const target = targetOf(statement)
  const add = (name: string): unknown => found.has(fold(name)) || found.set(fold(name), name)
  if (target !== null) add(target)
  visit(statement, (node, scope) => {
    const name = tableOf(node, scope)
    if (name !== null) add(name)
  })
  return { tables: [...found.values()], target: statement.type === 'ExplainStmt' ? null : target }
}

/** With a stack of its own, as better-sqlite3 allows expressions of any depth. */
function visit(statement: Stmt, see: (node: AstNode, scope: Scope) => void): void {
  const stack: { node: AstNode; scope: Scope }[] = [{ node: statement, scope: new Set() }]
  for (let next = stack.pop(); next; next = stack.pop()) {
    const scope = scopeOf(next.node, next.scope)
    see(next.node, scope)
    for (const child of childrenOf(next.node).toReversed()) stack.push({ node: child, scope })
  }
}

function targetOf(statement: Stmt): string | null {
  switch (statement.type) {
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'AlterTableStmt':
    case 'CreateTableStmt':
    case 'CreateVirtualTableStmt':
    case 'CreateTriggerStmt':
    case 'DropTableStmt':
      return qualified(statement.tblName)
    case 'CreateIndexStmt':
      return statement.tblName.text
    case 'CreateViewStmt':
    case 'DropViewStmt':
      return qualified(statement.viewName)
    case 'ExplainStmt':
      return targetOf(statement.stmt)
    default:
      return null
  }
}

function tableOf(node: AstNode, scope: Scope): string | null {
  switch (node.type) {
    case 'TableSelectTable':
      return unlessNamedIn(scope, node.tblName)
    case 'InTableExpr':
      return node.args ? unlessFunction(node.rhs) : unlessNamedIn(scope, node.rhs)
    case 'TableCallSelectTable':
      return unlessFunction(node.tblName)
    case 'InsertTriggerCmd':
    case 'UpdateTriggerCmd':
    case 'DeleteTriggerCmd':
      return qualified(node.tblName)
    case 'RenameToAlterTableBody':
      return node.name.text
    default:
      return null
  }
}

function unlessNamedIn(scope: Scope, name: QualifiedName): string | null {
  return name.dbName === undefined && scope.has(fold(name.objName.text)) ? null : qualified(name)
}

function unlessFunction(name: QualifiedName): string | null {
  return FUNCTIONS.test(name.objName.text) ? null : qualified(name)
}

function qualified({ dbName, objName }: QualifiedName): string {
  const schema = dbName === undefined || fold(dbName.text) === 'main' ? '' : `${dbName.text}.`
  return schema + objName.text
}

/** All names of a WITH are known to each other and to the statement that it heads. */
function scopeOf(node: AstNode, outer: Scope): Scope {
  const names = 'with' in node ? namesOf(node.with) : []
  return names.length === 0 ? outer : new Set([...outer, ...names])
}

function namesOf(clause: With | undefined): string[] {
  return clause ? clause.ctes.map((cte) => fold(cte.tblName.text)) : []
}

function childrenOf(node: AstNode): AstNode[] {
  const keys: Partial<Record<string, readonly string[]>> = VisitorKeys
  const slots = node as unknown as Record<string, AstNode | readonly AstNode[] | undefined>
  return (keys[node.type] ?? []).flatMap((key) => slots[key] ?? [])
}

function fold(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

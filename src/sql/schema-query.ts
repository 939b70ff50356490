import { VisitorKeys } from 'sqlite3-parser'
import type { AstNode, QualifiedName, Stmt } from 'sqlite3-parser'
import { parseStatements } from './parser.ts'

/** What SQLite's own schema table shows once Lockstep's objects are left out. */
const OWN = String.raw`LIKE '\_lockstep\_%' ESCAPE '\'`
const ORIGINAL =
  'coalesce((SELECT original FROM main._lockstep_statements WHERE guarded = stored.sql), stored.sql) AS sql'
const TABLE = /^sqlite_(?:master|schema)$/i
const SCHEMA_TABLE = /^(?:main\.)?(?:sqlite_(?:temp_)?(?:master|schema)|pragma_\w+)$/i

/** `sqlite_schema` as FROM takes it. @param isInstalled Lockstep's own objects are there, and are left out */
export function schemaRowsOf(isInstalled: boolean, more = ''): string {
  if (!isInstalled) return 'main.sqlite_schema'
  return `(SELECT ${more}type, name, tbl_name, rootpage, ${ORIGINAL} FROM main.sqlite_schema AS stored WHERE name NOT ${OWN} AND tbl_name NOT ${OWN})`
}

/** A query of the schema alone, which SQLite answers whichever place is the primary: it has the schema too. */
export interface SchemaQuery {
  /** The same query with Lockstep's tables and triggers left out, for a file that they are in. */
  readonly hiding: string
}

/**
 * Null for a statement that reads anything else than `sqlite_schema` and the PRAGMA functions, or that
 * changes something.
 * @param tables as `Statement.tables` has them
 */
export function schemaQuery(sql: string, tables: readonly string[]): SchemaQuery | null {
  if (!/sqlite_|pragma_/i.test(sql)) return null
  if (!tables.every((name) => SCHEMA_TABLE.test(name))) return null
  const [statement, more] = parseStatements(sql)
  if (statement?.type !== 'SelectStmt' || more !== undefined) return null
  const uses = usesOf(statement)
  if (uses.length === 0) return null
  return { hiding: hide(sql, uses) }
}

interface Use {
  readonly name: QualifiedName
  readonly kind: 'schema' | 'list' | 'other'
  readonly hasAlias: boolean
}

function usesOf(statement: Stmt): Use[] {
  const uses: Use[] = []
  const stack: AstNode[] = [statement]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.type === 'TableSelectTable') {
      uses.push({
        name: node.tblName,
        kind: kindOf(node.tblName.objName.text),
        hasAlias: node.alias !== undefined,
      })
    } else if (node.type === 'TableCallSelectTable' && isPragma(node.tblName)) {
      uses.push({ name: node.tblName, kind: 'other', hasAlias: true })
    }
    for (const child of childrenOf(node)) stack.push(child)
  }
  return uses.filter(({ name }) => SCHEMA_TABLE.test(name.objName.text))
}

function isPragma(name: QualifiedName): boolean {
  return /^pragma_/i.test(name.objName.text)
}

function kindOf(name: string): Use['kind'] {
  if (TABLE.test(name)) return 'schema'
  return /^pragma_table_list$/i.test(name) ? 'list' : 'other'
}

function hide(sql: string, uses: readonly Use[]): string {
  const rowid = /\browid\b/i.test(sql) && !sql.includes('*') ? 'stored.rowid AS rowid, ' : ''
  let text = sql
  const backwards = uses.toSorted((a, b) => b.name.span.offset - a.name.span.offset)
  for (const { name, kind, hasAlias } of backwards) {
    if (kind === 'other') continue
    const { offset, length } = name.span
    const rows =
      kind === 'list'
        ? `(SELECT * FROM pragma_table_list WHERE name NOT ${OWN})`
        : schemaRowsOf(true, rowid)
    const alias = hasAlias ? '' : ` AS "${name.objName.text}"`
    text = `${text.slice(0, offset)}${rows}${alias}${text.slice(offset + length)}`
  }
  return text
}

function childrenOf(node: AstNode): AstNode[] {
  const keys: Partial<Record<string, readonly string[]>> = VisitorKeys
  const slots = node as unknown as Record<string, AstNode | readonly AstNode[] | undefined>
  return (keys[node.type] ?? []).flatMap((key) => slots[key] ?? [])
}

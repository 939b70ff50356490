import type { AstNode, FunctionCallExpr, Select, Stmt } from 'sqlite3-parser'
import { foldName } from '../sql/quote.ts'
import { descendants } from '../sql/translate/syntax.ts'

/** How far its data decide what a query answers. */
export interface Decided {
  /** Why no two runs answer alike, so that there is nothing to compare: chance, time, the connection. Else null. */
  readonly undecided: string | null
  /** Why two right answers to the same data may differ inside of the query. Else null. */
  readonly loose: string | null
}

/** Functions whose answer is no matter of the data; those of dates only where they ask for the time. */
const undecidedFunctions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    random: 'random()',
    randomblob: 'randomblob()',
    changes: 'changes()',
    total_changes: 'total_changes()',
    last_insert_rowid: 'last_insert_rowid()',
  }),
)

/** How many arguments come before the time that each of these reads; without one it is the present. */
const dateFunctions: ReadonlyMap<string, number> = new Map(
  Object.entries({
    date: 0,
    time: 0,
    datetime: 0,
    julianday: 0,
    unixepoch: 0,
    strftime: 1,
  }),
)

/** Aggregates and windows whose answer hangs on the order in which they get their rows. */
const orderedFunctions = new Set([
  'group_concat',
  'string_agg',
  'json_group_array',
  'jsonb_group_array',
  'json_group_object',
  'jsonb_group_object',
  'row_number',
  'ntile',
  'lag',
  'lead',
  'first_value',
  'last_value',
  'nth_value',
])

/**
 * What the text says of a query, without its outermost ORDER BY and LIMIT, which the comparison knows itself.
 * @param views the definitions of the views that it reads, which count as parts of it
 */
export function decidedBy(statement: Stmt, views: readonly Stmt[] = []): Decided {
  const free = new Set<AstNode>(statement.type === 'SelectStmt' ? [statement.body] : [])
  const nodes = [statement, ...views]
  let loose: string | null = null
  for (const node of nodes.flatMap((each) => [...descendants(each)])) {
    // Which rows a LIMIT leaves makes no difference to whether there are any.
    if (node.type === 'ExistsExpr') free.add(node.select)
    loose ??= looseReason(node, free)
  }
  return { undecided: chanceIn(nodes), loose }
}

/** What of it no data decide: chance, time, the connection; else null. */
export function chanceIn(nodes: readonly AstNode[]): string | null {
  let undecided: string | null = null
  let saysNow = false
  let readsTime = false
  for (const node of nodes.flatMap((each) => [...descendants(each)])) {
    saysNow ||= node.type === 'StringLiteral' && isNow(node.value)
    readsTime ||= node.type === 'FunctionCallExpr' && dateFunction(node) !== undefined
    undecided ??= undecidedReason(node)
  }
  return undecided ?? (saysNow && readsTime ? "'now'" : null)
}

/** A value that date functions take for the present. https://www.sqlite.org/lang_datefunc.html */
export function isNow(value: unknown): boolean {
  return typeof value === 'string' && /^\s*now\s*$/i.test(value)
}

/** The same in the arguments of a statement, as better-sqlite3 takes them. */
export function saysNow(args: readonly unknown[]): boolean {
  return args.some((arg) =>
    typeof arg === 'object' && arg !== null && !ArrayBuffer.isView(arg)
      ? Object.values(arg).some(isNow)
      : isNow(arg),
  )
}

function dateFunction({ name }: FunctionCallExpr): number | undefined {
  return dateFunctions.get(foldName(name.name))
}

function undecidedReason(node: AstNode): string | null {
  if (/^Current\w+Literal$/.test(node.type)) return 'the present time'
  if (node.type !== 'FunctionCallExpr') return null
  const before = dateFunction(node)
  const isPresent = before !== undefined && (node.args ?? []).length === before
  if (isPresent) return `${foldName(node.name.name)}() of the present`
  return undecidedFunctions.get(foldName(node.name.name)) ?? null
}

function looseReason(node: AstNode, free: ReadonlySet<AstNode>): string | null {
  if (node.type === 'Select') return free.has(node) ? null : limitReason(node)
  if (node.type !== 'FunctionCallExpr') return null
  const name = foldName(node.name.name)
  return orderedFunctions.has(name) ? `${name}() of rows in no certain order` : null
}

function limitReason({ limit, orderBy }: Select): string | null {
  if (limit === undefined) return null
  return orderBy === undefined ? 'an inner LIMIT without ORDER BY' : 'an inner LIMIT among ties'
}

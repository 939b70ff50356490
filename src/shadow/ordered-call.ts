import type { AstNode, Expr, FunctionTail, Select, Window } from 'sqlite3-parser'
import { foldName } from '../sql/quote.ts'
import { descendants } from '../sql/translate/syntax.ts'

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

/** A call whose answer hangs on the order of its rows, and what says that order. */
export interface OrderedCall {
  readonly name: string
  readonly order: readonly { readonly expr: Expr }[]
}

/** The windows that a SELECT has given names, folded. */
export function windowsOf({ select }: Select): ReadonlyMap<string, Window> {
  const named = select.type === 'SelectFrom' ? (select.windowClause ?? []) : []
  return new Map(named.map(({ name, window }) => [foldName(name.text), window]))
}

/** @returns null where the node is no such call */
export function orderedCall(
  node: AstNode,
  windows: ReadonlyMap<string, Window>,
): OrderedCall | null {
  if (node.type !== 'FunctionCallExpr' && node.type !== 'FunctionCallStarExpr') return null
  const name = foldName(node.name.name)
  const window = windowOf(node.filterOver, windows)
  if (!orderedFunctions.has(name) && !countsRows(window)) return null
  const inside = 'orderBy' in node ? node.orderBy : undefined
  const sorted = inside?.type === 'SortListFunctionCallOrder' ? inside.columns : []
  const parts = (window?.partitionBy ?? []).map((expr) => ({ expr }))
  return { name, order: [...sorted, ...parts, ...(window?.orderBy ?? [])] }
}

function windowOf(
  tail: FunctionTail | undefined,
  windows: ReadonlyMap<string, Window>,
): Window | undefined {
  const over = tail?.overClause
  return over?.type === 'NameOver' ? windows.get(foldName(over.name.text)) : over?.window
}

/** A frame of so many rows has others among ties; one of all rows has not. https://www.sqlite.org/windowfunctions.html */
function countsRows(window: Window | undefined): boolean {
  const frame = window?.frameClause
  if (frame?.mode !== 'Rows') return false
  const isWhole =
    frame.start.type === 'UnboundedPrecedingFrameBound' &&
    frame.end?.type === 'UnboundedFollowingFrameBound'
  return !isWhole || frame.exclude !== undefined
}

const permuting = /^(?:group_concat|string_agg|json_group_array|json_group_object)$/
/** What has one text on both places: no arithmetic, whose last digits may differ. */
const plainParts = new Set(['Id', 'QualifiedExpr', 'Name', 'StringLiteral', 'NumericLiteral'])
const plainFunctions = /^(?:json|json_object|json_array)$/

/** Whether another order of its rows leaves the letters of the text what they are. */
export function permutesLetters(node: AstNode): boolean {
  if (node.type !== 'FunctionCallExpr') return false
  const name = foldName(node.name.name)
  if (!permuting.test(name) || node.filterOver?.overClause !== undefined) return false
  const [, separator] = node.args ?? []
  const isJoining = name === 'group_concat' || name === 'string_agg'
  if (isJoining && separator !== undefined && separator.type !== 'StringLiteral') return false
  return (node.args ?? []).flatMap((arg) => [...descendants(arg)]).every(isPlain)
}

function isPlain(node: AstNode): boolean {
  if (node.type === 'FunctionCallExpr') return plainFunctions.test(foldName(node.name.name))
  return plainParts.has(node.type)
}

import type { AstNode, FunctionCallExpr } from 'sqlite3-parser'
import { foldName } from '../sql/quote.ts'
import { descendants } from '../sql/translate/syntax.ts'

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

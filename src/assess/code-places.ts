import type { CodePlace } from './code-report.ts'
import { isKnexClient, knexChange, openersIn } from './openings.ts'
import { calleeName, everyNode, isNode, nameOf, nodesOf, type SyntaxNode } from './syntax-tree.ts'

/** A place before its file and line are known. */
export type FoundPlace = Pick<CodePlace, 'kind' | 'change'> & { readonly node: SyntaxNode }

const answering = /^(?:run|get|all|values|iterate)$/
const building = /^(?:select|selectDistinct|insert|update|delete)$/

/** Where a program opens SQLite, and where it takes an answer without waiting for it, in the order of its text. */
export function codePlaces(program: SyntaxNode): FoundPlace[] {
  const openers = openersIn(program)
  const made = madeIn(program)
  const places: FoundPlace[] = []
  const visit = (node: SyntaxNode, parent: SyntaxNode | null): void => {
    const opened = isCall(node) ? openers.get(pathOf(node['callee'])) : undefined
    if (opened !== undefined) places.push({ kind: 'opens', node, change: opened })
    else if (isKnexClient(node)) places.push({ kind: 'opens', node, change: knexChange })
    else if (!waits(parent) && isSynchronous(node, made))
      places.push({ kind: 'synchronous', node, change: changeOf(node) })
    for (const [, child] of nodesOf(node)) visit(child, node)
  }
  visit(program, null)
  return places.toSorted((a, b) => a.node.start - b.node.start)
}

function isCall(node: SyntaxNode): boolean {
  return node.type === 'CallExpression' || node.type === 'NewExpression'
}

function waits(parent: SyntaxNode | null): boolean {
  if (parent?.type === 'ForOfStatement') return parent['await'] === true
  return parent?.type === 'AwaitExpression'
}

interface Made {
  readonly statements: ReadonlySet<string>
  readonly transactions: ReadonlySet<string>
}

/** Names for what `prepare` and `transaction` have given. */
function madeIn(program: SyntaxNode): Made {
  const statements = new Set<string>()
  const transactions = new Set<string>()
  for (const node of everyNode(program)) {
    if (node.type !== 'VariableDeclarator' || !isNode(node['init'])) continue
    if (chainOf(node['init']).includes('prepare')) statements.add(nameOf(node['id']))
    if (isTransaction(node['init'])) transactions.add(nameOf(node['id']))
  }
  return { statements, transactions }
}

function isSynchronous(node: SyntaxNode, { statements, transactions }: Made): boolean {
  if (node.type !== 'CallExpression') return false
  const callee = node['callee'] as SyntaxNode
  // db.transaction(work)(), and transfer() or transfer.immediate() of a transaction with a name.
  if (isTransaction(callee) || transactions.has(rootName(callee))) return true
  if (callee.type !== 'MemberExpression' || !answering.test(calleeName(callee))) return false
  const chain = chainOf(callee['object'])
  const isBuilt = chain.some((name) => building.test(name)) && chain.length > 1
  return chain.includes('prepare') || isBuilt || statements.has(rootName(callee))
}

function isTransaction(node: SyntaxNode): boolean {
  if (node.type !== 'CallExpression' || calleeName(node['callee']) !== 'transaction') return false
  const [work] = node['arguments'] as SyntaxNode[]
  // An async function is that of a client which waits already.
  return work !== undefined && work['async'] !== true
}

function changeOf(node: SyntaxNode): string {
  if (calleeName(node['callee']) === 'iterate') return 'for await (... of ...)'
  return 'await it, in an async function'
}

/** The names that are called on the way to an expression: `prepare`, `pluck` of `db.prepare(sql).pluck()`. */
function chainOf(node: unknown): string[] {
  if (!isNode(node)) return []
  if (node.type === 'CallExpression')
    return [...chainOf(node['callee']), calleeName(node['callee'])]
  return node.type === 'MemberExpression' ? chainOf(node['object']) : []
}

/** `insert` in `insert.pluck().get`. */
function rootName(node: unknown): string {
  if (!isNode(node)) return ''
  if (node.type === 'MemberExpression') return rootName(node['object'])
  return node.type === 'CallExpression' ? rootName(node['callee']) : nameOf(node)
}

/** `sqlite3.Database` of a callee; the name alone of a single one. */
function pathOf(node: unknown): string {
  if (!isNode(node) || node.type !== 'MemberExpression') return nameOf(node)
  return `${pathOf(node['object'])}.${nameOf(node['property'])}`
}

import { Parser, type Node } from 'acorn'
import { tsPlugin } from '@sveltejs/acorn-typescript'

/** A node of the syntax tree, whatever it is: https://github.com/estree/estree and its extension for TypeScript. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const TypeScript = Parser.extend(tsPlugin())
const withJsx = Parser.extend(tsPlugin({ jsx: true }))

/** @throws SyntaxError with line and column in its message */
export function parseProgram(source: string, file: string): SyntaxNode {
  // `<T>x` is a cast in a .ts file and an element in the others.
  const parser = /\.[mc]?ts$/i.test(file) ? TypeScript : withJsx
  const program: Node = parser.parse(source, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    // The plugin asks for them.
    locations: true,
    allowHashBang: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    allowImportExportEverywhere: true,
  })
  return program as unknown as SyntaxNode
}

/** The children of a node, each with the property that holds it. */
export function nodesOf(node: SyntaxNode): [string, SyntaxNode][] {
  return Object.entries(node).flatMap(([key, value]): [string, SyntaxNode][] => {
    if (key === 'loc') return []
    const list: unknown[] = Array.isArray(value) ? value : [value]
    return list.filter(isNode).map((child) => [key, child])
  })
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** A literal, a template, or a sum with one in it. */
export function isText(node: SyntaxNode): boolean {
  if (node.type === 'Literal') return typeof node['value'] === 'string'
  if (node.type === 'TemplateLiteral' || node.type === 'TaggedTemplateExpression') return true
  return isSum(node) && operandsOf(node).some(isText)
}

export function isSum(node: SyntaxNode): boolean {
  return node.type === 'BinaryExpression' && node['operator'] === '+'
}

/** Of a chain of `+`, which nests to the left; long chains must not nest calls. */
export function operandsOf(sum: SyntaxNode): SyntaxNode[] {
  const operands: SyntaxNode[] = []
  let node = sum
  while (isSum(node)) {
    operands.push(node['right'] as SyntaxNode)
    node = node['left'] as SyntaxNode
  }
  return [...operands, node].toReversed()
}

/** The expressions within a text, which may hold texts of their own. */
export function holesOf(node: SyntaxNode): SyntaxNode[] {
  if (node.type === 'Literal') return []
  if (node.type === 'TaggedTemplateExpression') return holesOf(node['quasi'] as SyntaxNode)
  if (node.type === 'TemplateLiteral') return node['expressions'] as SyntaxNode[]
  return operandsOf(node).flatMap((operand) => (isText(operand) ? holesOf(operand) : [operand]))
}

/** `users` in `users.id` and `schema.users.id`. */
export function rootOf(node: unknown): string {
  let current = node
  while (isNode(current) && current.type === 'MemberExpression') current = current['object']
  return nameOf(current)
}

/** `prepare` in `db.prepare`, and `sql` in `sql<Row>`. */
export function calleeName(callee: unknown): string {
  if (!isNode(callee)) return ''
  if (callee.type === 'MemberExpression') return nameOf(callee['property'])
  if (callee.type === 'CallExpression') return calleeName(callee['callee'])
  return nameOf(callee)
}

/** Of an identifier, or the text of a literal that is a key; empty for anything else. */
export function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  const name = node.type === 'Literal' ? node['value'] : node['name']
  return typeof name === 'string' ? name : ''
}

export function* everyNode(root: SyntaxNode): Generator<SyntaxNode> {
  const stack = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    for (const [, child] of nodesOf(node)) stack.push(child)
  }
}

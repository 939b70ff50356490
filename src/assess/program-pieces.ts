import { Parser, type Node } from 'acorn'
import { tsPlugin } from '@sveltejs/acorn-typescript'
import { PieceBuilder, type Piece } from './piece.ts'

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

/** Names of calls whose argument is SQL in the usual clients of SQLite. */
const sqlCalls =
  /^(?:prepare|exec|execute|run|all|get|values|query|raw|each|iterate|unsafe|sql|batch|\$?(?:query|execute)raw(?:unsafe)?)$/i
const sqlTag = /sql|query|^statement$/i
const sqlKeys = /^(?:sql|query|statement)$/i

/** Every text of a program that could be SQL: literals, templates, and what `+` makes of them. */
export function programPieces(program: SyntaxNode, source: string): Piece[] {
  const facts = { source, tables: tablesIn(program), constants: constantsIn(program) }
  const pieces: Piece[] = []
  const visit = (node: SyntaxNode, context: Piece['context']): void => {
    if (skipped.has(node.type)) return
    if (isText(node)) {
      pieces.push(pieceOf(node, context, facts))
      for (const inner of holesOf(node)) visit(inner, 'plain')
      return
    }
    for (const [child, inner] of childrenOf(node, context)) visit(child, inner)
  }
  visit(program, 'plain')
  return pieces
}

/** Types hold texts that are never run; what a module is imported from is no SQL. */
const skipped = new Set([
  'ImportDeclaration',
  'TSLiteralType',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
])

function childrenOf(node: SyntaxNode, context: Piece['context']): [SyntaxNode, Piece['context']][] {
  const isCall = node.type === 'CallExpression' && sqlCalls.test(calleeName(node['callee']))
  return nodesOf(node).flatMap(([key, child]): [SyntaxNode, Piece['context']][] => {
    if (key === 'key' && node['computed'] !== true) return []
    if (key === 'arguments' && isCall) return [[child, 'call']]
    const isSql = node.type === 'Property' && key === 'value' && sqlKeys.test(nameOf(node['key']))
    if (isSql) return [[child, 'call']]
    // The one of two texts, or a list of them, is what the text itself would be there.
    return [[child, transparent.has(node.type) ? context : 'plain']]
  })
}

const transparent = new Set([
  'ConditionalExpression',
  'LogicalExpression',
  'ArrayExpression',
  'ObjectExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'ParenthesizedExpression',
])

export function nodesOf(node: SyntaxNode): [string, SyntaxNode][] {
  return Object.entries(node).flatMap(([key, value]): [string, SyntaxNode][] => {
    if (key === 'loc') return []
    const list: unknown[] = Array.isArray(value) ? value : [value]
    return list.filter(isNode).map((child) => [key, child])
  })
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function isText(node: SyntaxNode): boolean {
  if (node.type === 'Literal') return typeof node['value'] === 'string'
  if (node.type === 'TemplateLiteral' || node.type === 'TaggedTemplateExpression') return true
  return isSum(node) && operandsOf(node).some(isText)
}

function isSum(node: SyntaxNode): boolean {
  return node.type === 'BinaryExpression' && node['operator'] === '+'
}

/** Of a chain of `+`, which nests to the left; long chains must not nest calls. */
function operandsOf(sum: SyntaxNode): SyntaxNode[] {
  const operands: SyntaxNode[] = []
  let node = sum
  while (isSum(node)) {
    operands.unshift(node['right'] as SyntaxNode)
    node = node['left'] as SyntaxNode
  }
  return [node, ...operands]
}

/** The expressions within a text, which may hold texts of their own. */
function holesOf(node: SyntaxNode): SyntaxNode[] {
  if (node.type === 'Literal') return []
  if (node.type === 'TaggedTemplateExpression') return holesOf(node['quasi'] as SyntaxNode)
  if (node.type === 'TemplateLiteral') return node['expressions'] as SyntaxNode[]
  return operandsOf(node).flatMap((operand) => (isText(operand) ? holesOf(operand) : [operand]))
}

interface Facts {
  readonly source: string
  /** Names that stand for tables of an ORM. */
  readonly tables: ReadonlySet<string>
  /** Literals that a name of the module stands for. */
  readonly constants: ReadonlyMap<string, SyntaxNode>
}

function pieceOf(node: SyntaxNode, context: Piece['context'], facts: Facts): Piece {
  const builder = new PieceBuilder()
  const isTagged = node.type === 'TaggedTemplateExpression'
  const isSql = isTagged && sqlTag.test(calleeName(node['tag']))
  append(builder, node, { ...facts, isTagged: isSql })
  return builder.finish(isSql ? 'tag' : context)
}

function append(
  builder: PieceBuilder,
  node: SyntaxNode,
  facts: Facts & { isTagged: boolean },
): void {
  if (node.type === 'Literal' && typeof node['value'] === 'string') {
    builder.add(facts.source.slice(node.start + 1, node.end - 1), node.start + 1)
  } else if (node.type === 'TaggedTemplateExpression') {
    append(builder, node['quasi'] as SyntaxNode, facts)
  } else if (node.type === 'TemplateLiteral') {
    const expressions = node['expressions'] as SyntaxNode[]
    for (const [index, quasi] of (node['quasis'] as SyntaxNode[]).entries()) {
      builder.add(facts.source.slice(quasi.start, quasi.end), quasi.start)
      const expression = expressions[index]
      if (expression !== undefined) appendHole(builder, expression, facts)
    }
  } else if (isSum(node) && isText(node)) {
    for (const operand of operandsOf(node)) append(builder, operand, facts)
  } else appendHole(builder, node, facts)
}

function appendHole(
  builder: PieceBuilder,
  node: SyntaxNode,
  facts: Facts & { isTagged: boolean },
): void {
  const { constants, source, isTagged } = facts
  const literal = node.type === 'Identifier' ? constants.get(nameOf(node)) : undefined
  // What a tag gets is a value, also where it is constant; elsewhere the text itself is put in.
  if (literal !== undefined && !isTagged)
    append(builder, literal, { ...facts, constants: new Map() })
  else builder.addHole(source.slice(node.start, node.end), !isPieceOfSql(node, facts), node.start)
}

/** `sql.identifier(x)`, `names.join(', ')`, another template, and tables and columns of an ORM. */
function isPieceOfSql(node: SyntaxNode, { tables }: Facts): boolean {
  if (node.type === 'TaggedTemplateExpression') return true
  if (node.type === 'CallExpression') {
    const name = calleeName(node['callee'])
    if (name === 'placeholder' || name === 'param' || name === 'val') return false
    return (
      /^(?:join|map|raw|identifier|id|ref|table|lit|sql|fragment|and|or|eq)$/.test(name) ||
      tables.has(rootOf(node['callee']))
    )
  }
  return tables.has(rootOf(node))
}

/** `users` in `users.id` and `schema.users.id`. */
function rootOf(node: unknown): string {
  let current = node
  while (isNode(current) && current.type === 'MemberExpression') current = current['object']
  return nameOf(current)
}

function calleeName(callee: unknown): string {
  if (!isNode(callee)) return ''
  if (callee.type === 'MemberExpression') return nameOf(callee['property'])
  if (callee.type === 'CallExpression') return calleeName(callee['callee'])
  return nameOf(callee)
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  const name = node.type === 'Literal' ? node['value'] : node['name']
  return typeof name === 'string' ? name : ''
}

const tableMakers = /^(?:sqliteTable|sqliteView|sqliteTableCreator|alias|createTable)$/

/** Tables of drizzle are made in one file and imported into others, mostly from one called schema. */
function tablesIn(program: SyntaxNode): Set<string> {
  const tables = new Set<string>()
  for (const node of everyNode(program)) {
    if (node.type === 'VariableDeclarator') {
      const { init } = node
      if (
        isNode(init) &&
        init.type === 'CallExpression' &&
        tableMakers.test(calleeName(init['callee']))
      )
        tables.add(nameOf(node['id']))
    }
    if (
      node.type === 'ImportDeclaration' &&
      /schema|tables|models?(?:\.\w+)?$/i.test(nameOf(node['source']))
    )
      for (const specifier of node['specifiers'] as SyntaxNode[])
        tables.add(nameOf(specifier['local']))
  }
  tables.delete('')
  return tables
}

function constantsIn(program: SyntaxNode): Map<string, SyntaxNode> {
  const constants = new Map<string, SyntaxNode>()
  const seen = new Set<string>()
  for (const node of everyNode(program)) {
    if (node.type !== 'VariableDeclaration') continue
    for (const declared of node['declarations'] as SyntaxNode[]) {
      const name = nameOf(declared['id'])
      const { init } = declared
      // A name that stands for several things says nothing.
      if (seen.has(name)) constants.delete(name)
      else if (
        node['kind'] === 'const' &&
        isNode(init) &&
        isText(init) &&
        holesOf(init).length === 0
      )
        constants.set(name, init)
      seen.add(name)
    }
  }
  return constants
}

function* everyNode(root: SyntaxNode): Generator<SyntaxNode> {
  const stack = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    for (const [, child] of nodesOf(node)) stack.push(child)
  }
}

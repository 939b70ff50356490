import { PieceBuilder, type Piece } from './piece.ts'
import { constantsIn, tablesIn } from './program-facts.ts'
import {
  calleeName,
  holesOf,
  isSum,
  isText,
  nameOf,
  nodesOf,
  operandsOf,
  rootOf,
  type SyntaxNode,
} from './syntax-tree.ts'

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

import {
  calleeName,
  everyNode,
  holesOf,
  isNode,
  isText,
  nameOf,
  type SyntaxNode,
} from './syntax-tree.ts'

const tableMakers = /^(?:sqliteTable|sqliteView|sqliteTableCreator|alias|createTable)$/

/** Tables of drizzle are made in one file and imported into others, mostly from one called schema. */
export function tablesIn(program: SyntaxNode): Set<string> {
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

/** Literals that one name alone stands for. */
export function constantsIn(program: SyntaxNode): Map<string, SyntaxNode> {
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

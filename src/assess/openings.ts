import { everyNode, isNode, nameOf, type SyntaxNode } from './syntax-tree.ts'

const lockstep = 'await createLockstep({ sqlite: { path }, postgres: { connectionString } })'
const driver = `asyncDatabase(${lockstep}), of lockstep/better-sqlite3, with await before its calls; or syncDatabase(...) of it until reads move`
const drizzle = `drizzle(${lockstep}, { schema }), of lockstep/drizzle`
const prisma = `new PrismaLockstep(${lockstep}), of lockstep/prisma, with sqlite.safeIntegers: true`

/** How each client of SQLite is opened: by a name that its module exports, and what stands there with Lockstep. */
const openings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'better-sqlite3': { default: driver },
  'node:sqlite': { DatabaseSync: driver },
  'bun:sqlite': { Database: driver, default: driver },
  sqlite3: { Database: lockstep },
  sqlite: { open: lockstep },
  'drizzle-orm/better-sqlite3': { drizzle },
  'drizzle-orm/bun-sqlite': { drizzle },
  'drizzle-orm/libsql': { drizzle },
  kysely: { SqliteDialect: `new LockstepDialect(${lockstep}), of lockstep/kysely` },
  '@prisma/adapter-better-sqlite3': { PrismaBetterSqlite3: prisma },
}

/** What stands for an opening in one module, by the name that the module gives it. */
export type Openers = ReadonlyMap<string, string>

/** Names that `import` and `require` bring in; a whole module stands for each of its exports. */
export function openersIn(program: SyntaxNode): Openers {
  const openers = new Map<string, string>()
  const add = (module: string, exported: string, local: string): void => {
    const change = openings[module]?.[exported]
    if (change !== undefined) openers.set(local, change)
  }
  const addWhole = (module: string, local: string): void => {
    add(module, 'default', local)
    for (const exported of Object.keys(openings[module] ?? {}))
      add(module, exported, `${local}.${exported}`)
  }
  for (const node of everyNode(program)) {
    if (node.type === 'ImportDeclaration')
      for (const specifier of node['specifiers'] as SyntaxNode[])
        if (specifier.type === 'ImportSpecifier')
          add(nameOf(node['source']), nameOf(specifier['imported']), nameOf(specifier['local']))
        else addWhole(nameOf(node['source']), nameOf(specifier['local']))
    const module = requiredBy(node)
    if (module === null) continue
    const name = node['id'] as SyntaxNode
    if (name.type === 'Identifier') addWhole(module, nameOf(name))
    else
      for (const property of (name['properties'] ?? []) as SyntaxNode[])
        add(module, nameOf(property['key']), nameOf(property['value']))
  }
  return openers
}

/** The module of `const x = require('module')`. */
function requiredBy(node: SyntaxNode): string | null {
  const { init } = node
  if (node.type !== 'VariableDeclarator' || !isNode(init) || init.type !== 'CallExpression')
    return null
  const [module] = init['arguments'] as SyntaxNode[]
  return nameOf(init['callee']) === 'require' ? nameOf(module) : null
}

/** knex is told its client by a name. */
export function isKnexClient(node: SyntaxNode): boolean {
  if (node.type !== 'Property' || nameOf(node['key']) !== 'client') return false
  return /^(?:better-sqlite3|sqlite3)$/.test(nameOf(node['value']))
}

/** What stands in the place of `client: 'better-sqlite3'`. */
export const knexChange: string = `client: lockstepClient(${lockstep}), of lockstep/knex, without connection`

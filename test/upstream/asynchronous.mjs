import { parse } from 'acorn'

/**
 * better-sqlite3's tests are synchronous, as it is. This makes them wait: each call is awaited, functions are
 * asynchronous but for those that SQLite itself calls, and what is said of a function that throws is said of what
 * came of it. Nothing else of a test is changed.
 *
 * @param {string} source a test file, a CommonJS module
 * @param {{ calls: boolean }} awaited whether all calls are, or only the one that opens a database
 * @returns {string} an ECMAScript module
 */
export function asynchronous(source, { calls }) {
  const edits = []
  const insert = (at, text, order = 0) => edits.push({ at, text, order })
  const becomes = calls ? becomesAsync : opensDatabase
  const waits = (parents) => {
    const index = parents.findLastIndex(isFunction)
    return (
      index !== -1 && (parents[index].async || becomes(parents[index], parents.slice(0, index)))
    )
  }
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'script' }), [], (node, parents) => {
    if (isFunction(node) && !node.async && becomes(node, parents))
      insert(startOf(node, parents), 'async ', 2)
    if (!waits(parents)) return
    if (isOpening(node)) {
      edits.push({ at: node.start, text: '(await openDatabase', order: 0, until: node.callee.end })
      insert(node.end, ')', 1)
    }
    if (!calls) return
    // Else what stands in parentheses could be taken for the arguments of a call in the line before it.
    if (node.type === 'ExpressionStatement' && node.expression.type === 'CallExpression')
      insert(node.start, 'void ')
    if (node.type === 'ForOfStatement') insert(node.start + 'for'.length, ' await')
    if (node.type === 'SpreadElement' && node.argument.type === 'CallExpression')
      wrap(node.argument, 'await gather(', ')', insert)
    else if (isAwaited(node, parents)) wrap(node, '(await ', ')', insert)
    if (isExpectation(node)) wrap(node.arguments[0], 'await outcome(', ')', insert)
  })
  return header + apply(source, edits).replace("require('../.')", 'globalThis.Database')
}

const header = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename
`

const words = new Set([
  'describe',
  'it',
  'specify',
  'before',
  'after',
  'beforeEach',
  'afterEach',
  'require',
])
/** What is given to these is called by SQLite, or by an array, and they cannot wait for it. */
const callers = new Set(['function', 'aggregate', 'table', 'map', 'reduce', 'sort'])
const called = new Set(['progress', 'step', 'start', 'inverse', 'result'])
const promises = new Set(['then', 'catch', 'finally'])

function isFunction(node) {
  return /^(?:FunctionExpression|ArrowFunctionExpression|FunctionDeclaration)$/.test(node.type)
}

/** Whether a function waits, whose body has calls that are awaited. A suite is not waited for by its runner. */
function becomesAsync(node, parents) {
  const parent = parents.at(-1)
  if (node.generator || /^(?:constructor|get|set)$/.test(parent?.kind)) return false
  if (parent?.type === 'CallExpression' && parent.callee.name === 'describe') return false
  if (parent?.type === 'Property' && called.has(parent.key.name)) return false
  return !parents.some(
    ({ type, callee }) => type === 'CallExpression' && callers.has(callee.property?.name),
  )
}

/** Whether a function opens a database itself, and not by a function inside of it. */
function opensDatabase(node) {
  let opens = false
  visit(node, [], (inner, parents) => {
    opens ||= isOpening(inner) && parents.findLast(isFunction) === node
  })
  return opens
}

function isOpening({ type, callee }) {
  return type === 'NewExpression' && callee.name === 'Database'
}

function isAwaited({ type, callee }, parents) {
  if (type !== 'CallExpression' || words.has(callee.name) || callee.type === 'Super') return false
  const parent = parents.at(-1)
  if (parent?.type === 'MemberExpression' && promises.has(parent.property.name)) return false
  return parent?.type !== 'AwaitExpression' && parent?.type !== 'SpreadElement'
}

/** `expect(() => ...)`: what is expected is then thrown, or answered, at once. */
function isExpectation({ type, callee, arguments: given }) {
  return type === 'CallExpression' && callee.name === 'expect' && isFunction(given[0] ?? {})
}

function startOf(node, parents) {
  const parent = parents.at(-1)
  return parent?.type === 'Property' && parent.method ? parent.start : node.start
}

function wrap(node, before, after, insert) {
  insert(node.start, before)
  insert(node.end, after, 1)
}

function visit(node, parents, enter) {
  enter(node, parents)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child?.type === 'string') visit(child, [...parents, node], enter)
}

/** Of several edits at one place those of outer nodes, which were made first, come first; an end comes before all. */
function apply(source, edits) {
  let text = ''
  let at = 0
  const ends = edits.filter(({ order }) => order === 1).toReversed()
  const others = edits.filter(({ order }) => order !== 1)
  for (const edit of [...ends, ...others].toSorted((a, b) => a.at - b.at)) {
    text += source.slice(at, edit.at) + edit.text
    at = edit.until ?? Math.max(at, edit.at)
  }
  return text + source.slice(at)
}

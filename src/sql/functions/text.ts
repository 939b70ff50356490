import { unlessBlob } from '../translate/blob-matches.ts'
import { allNotNull, typed } from '../translate/expression.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { also, argument, scalar, simple } from './signature.ts'

/** Functions of text and blobs. https://www.sqlite.org/lang_corefunc.html */
export const textFunctions: readonly SqlFunction[] = [
  simple({
    name: 'lower',
    takes: ['text'],
    gives: 'text',
    notNull: 'strict',
    // In the "C" collation only ASCII letters change, as in SQLite.
    sql: ([text]) => `lower(${text} COLLATE "C")`,
  }),
  simple({
    name: 'upper',
    takes: ['text'],
    gives: 'text',
    notNull: 'strict',
    sql: ([text]) => `upper(${text} COLLATE "C")`,
  }),
  ...(['trim', 'ltrim', 'rtrim'] as const).map((name) =>
    simple({
      name,
      takes: ['text', 'text'],
      optional: 1,
      gives: 'text',
      notNull: 'strict',
      sql: (args) => `${name === 'trim' ? 'btrim' : name}(${args.join(', ')})`,
    }),
  ),
  scalar('length', [1, 1], (call, context) => size(call, context, 'length')),
  scalar('octet_length', [1, 1], (call, context) => size(call, context, 'octet_length')),
  ...also(scalar('substr', [2, 3], substring), 'substring'),
  scalar('instr', [2, 2], position),
  scalar('replace', [3, 3], replace),
  simple({
    name: 'unicode',
    takes: ['text'],
    gives: 'integer',
    sql: ([text]) => `sqlite.unicode(${text})`,
  }),
  scalar('char', [0, null], ({ args }, context) => {
    const points = args.map((arg) => context.integer(arg)).join(', ')
    return typed(`sqlite.char(VARIADIC ARRAY[${points}]::bigint[])`, 'text', { notNull: true })
  }),
  scalar('hex', [1, 1], (call, context) => {
    const arg = argument(call, 0)
    const bytes = arg.type === 'blob' || arg.type === 'dynamic' ? arg.sql : context.text(arg)
    return typed(`sqlite.hex(${bytes})`, 'text', { notNull: true })
  }),
  simple({
    name: 'zeroblob',
    takes: ['integer'],
    gives: 'blob',
    notNull: 'always',
    sql: ([size]) => `sqlite.zeroblob(${size})`,
  }),
  simple({
    name: 'unhex',
    takes: ['text', 'text'],
    optional: 1,
    gives: 'blob',
    sql: (args) => `sqlite.unhex(${args.join(', ')})`,
  }),
  scalar('concat', [1, null], ({ args }, context) => {
    const parts = args.map((arg) => `coalesce(${context.text(arg)}, '')`)
    return typed(`(${parts.join(' || ')})`, 'text', { notNull: true })
  }),
  scalar('concat_ws', [2, null], (call, context) => {
    const [separator, ...parts] = call.args.map((arg) => context.text(arg))
    const sql = `sqlite.concat_ws(${separator}, VARIADIC ARRAY[${parts.join(', ')}]::text[])`
    return typed(sql, 'text', { notNull: argument(call, 0).notNull })
  }),
  simple({
    name: 'soundex',
    takes: ['text'],
    gives: 'text',
    notNull: 'always',
    sql: ([text]) => `sqlite.soundex(${text})`,
  }),
  simple({
    name: 'unistr',
    takes: ['text'],
    gives: 'text',
    notNull: 'strict',
    sql: ([text]) => `sqlite.unistr(${text})`,
  }),
  scalar('glob', [2, 2], matching),
  scalar('like', [2, 3], matching),
]

/** The pattern comes first. An escape character may be a blob. */
function matching({ name, args }: FunctionCall, context: FunctionContext) {
  return unlessBlob(args.slice(0, 2), '', () => {
    const texts = args.map((arg) => context.text(arg))
    const facts = { notNull: allNotNull(args) }
    return typed(`sqlite.${name}(${texts.join(', ')})`, 'boolean', facts)
  })
}

/** Characters of text, bytes of blobs and, with `octet_length`, of anything. */
function size(call: FunctionCall, context: FunctionContext, name: 'length' | 'octet_length') {
  const arg = argument(call, 0)
  const facts = { notNull: arg.notNull }
  if (arg.type === 'dynamic') return typed(`sqlite.${name}(${arg.sql})`, 'integer', facts)
  if (arg.type === 'blob') return typed(`length(${arg.sql})::bigint`, 'integer', facts)
  return typed(`${name}(${context.text(arg)})::bigint`, 'integer', facts)
}

const maxLength = 2 ** 31 - 2

/** PostgreSQL's own where both numbers are known and mean the same to it, so that an index can be used. */
function substring(call: FunctionCall, context: FunctionContext) {
  const [value, ...numbers] = call.args
  if (value === undefined) throw new Error('substr() needs an argument')
  const type = value.type === 'blob' || value.type === 'dynamic' ? value.type : 'text'
  // Of an empty blob it is NULL.
  const facts = { notNull: type === 'text' && allNotNull(call.args) }
  const text = type === 'text' ? context.text(value) : value.sql
  const literals = numbers.map(({ literal }) => literal)
  const isPlain = literals.every(
    (literal, index) =>
      typeof literal === 'bigint' && literal >= (index === 0 ? 1n : 0n) && literal <= maxLength,
  )
  if (isPlain && type === 'text') {
    return typed(`substr(${text}, ${literals.join(', ')})`, 'text', facts)
  }
  const args = numbers.map((arg) => context.integer(arg))
  return typed(`sqlite.substr(${[text, ...args].join(', ')})`, type, facts)
}

function position(call: FunctionCall, context: FunctionContext) {
  const [text, part] = [argument(call, 0), argument(call, 1)]
  const facts = { notNull: allNotNull(call.args) }
  if (text.type === 'dynamic' || part.type === 'dynamic') {
    const sql = `sqlite.instr(${context.dynamic(text)}, ${context.dynamic(part)})`
    return typed(sql, 'integer', facts)
  }
  if (text.type === 'blob' && part.type === 'blob') {
    return typed(`position(${part.sql} IN ${text.sql})::bigint`, 'integer', facts)
  }
  return typed(`strpos(${context.text(text)}, ${context.text(part)})::bigint`, 'integer', facts)
}

function replace(call: FunctionCall, context: FunctionContext) {
  const [text, pattern, replacement] = call.args.map((arg) => context.text(arg))
  const literal = call.args[1]?.literal
  const isNative = (typeof literal === 'string' && literal !== '') || call.args[2]?.notNull === true
  const sql = `${isNative ? '' : 'sqlite.'}replace(${text}, ${pattern}, ${replacement})`
  return typed(sql, 'text', { notNull: allNotNull(call.args) })
}

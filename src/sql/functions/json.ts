import { arrowPath, loneStep } from '../json-steps.ts'
import { allNotNull, typed, type Shown, type TypedExpression } from '../translate/expression.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { argument, scalar } from './signature.ts'
import { element, label, member } from './json-element.ts'
import { nativeValue } from './json-native.ts'
import { nodeOf } from './json-node.ts'

/** https://www.sqlite.org/json1.html; documents are text. Aggregates are in json-group.ts. */
export const jsonFunctions: readonly SqlFunction[] = [
  scalar('json', [1, 1], (call, context) => {
    const arg = argument(call, 0)
    return json(`sqlite.json(${document(call, context)})`, arg.notNull)
  }),
  scalar('json_quote', [1, 1], (call, context) => json(element(argument(call, 0), context), true)),
  scalar('json_array', [0, null], ({ args }, context) => {
    const items = args.map((arg) => element(arg, context))
    return json(`('[' || ${[...items].join(` || ',' || `) || `''`} || ']')`, true)
  }),
  scalar('json_object', [0, null], object),
  scalar('json_extract', [0, null], extract),
  scalar('->', [2, 2], (call, context) => {
    const sql = `sqlite.json_arrow(${document(call, context)}, ${place(call, context)})`
    return { ...json(sql, false), ...shownNode(call, arrowPathOf(call), sql, 'node-text') }
  }),
  scalar('->>', [2, 2], (call, context) => {
    const native = nativeValue(call)
    if (native !== undefined) return native
    const doc = document(call, context)
    const path = place(call, context)
    const known = arrowPathOf(call)
    const step = known === null ? null : loneStep(known)
    const value = step === null ? `json_arrow_value(${doc}, ${path})` : `json_item(${doc}, ${step})`
    const sql = `sqlite.${value}`
    return typed(sql, 'dynamic', shownNode(call, known, sql, 'node'))
  }),
  scalar('json_type', [1, 2], (call, context) => {
    return typed(`sqlite.json_type(${withPath(call, context)})`, 'text')
  }),
  scalar('json_array_length', [1, 2], (call, context) => {
    return typed(`sqlite.json_array_length(${withPath(call, context)})`, 'integer')
  }),
  scalar('json_valid', [1, 2], valid),
  scalar('json_error_position', [1, 1], (call, context) => {
    const sql = `sqlite.json_error_position(${document(call, context)})`
    return typed(sql, 'integer', { notNull: argument(call, 0).notNull })
  }),
  scalar('json_pretty', [1, 2], (call, context) => {
    return typed(`sqlite.json_pretty(${withPath(call, context)})`, 'text')
  }),
  scalar('json_patch', [2, 2], (call, context) => {
    const [target, patch] = [document(call, context), document(call, context, 1)]
    return json(`sqlite.json_patch(${target}, ${patch})`, allNotNull(call.args))
  }),
  ...(['set', 'insert', 'replace', 'array_insert'] as const).map((mode) =>
    scalar(`json_${mode}`, [0, null], (call, context) => edited(call, mode, context)),
  ),
  scalar('json_remove', [0, null], (call, context) => {
    if (call.args.length === 0) return nothing
    let sql = document(call, context)
    if (call.args.length === 1) return json(`sqlite.json(${sql})`, false)
    for (const path of call.args.slice(1)) {
      sql = `sqlite.json_edit(${sql}, ${context.text(path)}, NULL, 'remove')`
    }
    return json(sql, false)
  }),
]

/** Without a document there is nothing. */
const nothing = typed('NULL::text', 'null')

/** Text that JSON functions take for JSON. */
function json(sql: string, notNull: boolean): TypedExpression {
  return typed(sql, 'text', { notNull, embedded: sql })
}

/** An argument that is a document: text, also as the bytes of a BLOB. SQLite's binary form has no counterpart. */
function document(call: FunctionCall, context: FunctionContext, index = 0): string {
  const arg = argument(call, index)
  if (arg.type === 'blob') return `sqlite.blob_document(${arg.sql})`
  return arg.type === 'dynamic' ? `sqlite.dynamic_document(${arg.sql})` : context.text(arg)
}

function withPath(call: FunctionCall, context: FunctionContext): string {
  const rest = call.args.slice(1).map((arg) => context.text(arg))
  return [document(call, context), ...rest].join(', ')
}

/** What stands behind an arrow: a path, a name, or a number, which only as an INTEGER is a place. */
function place(call: FunctionCall, context: FunctionContext): string {
  const arg = argument(call, 1)
  if (arg.type === 'integer') return arg.sql
  if (arg.type !== 'dynamic' && arg.type !== 'numeric') return context.text(arg)
  throw context.unsupported(
    `${call.name} with a path whose class is not known`,
    'CAST it to TEXT or INTEGER',
  )
}

function extract(call: FunctionCall, context: FunctionContext): TypedExpression {
  if (call.args.length < 2) return nothing
  const native = nativeValue(call)
  if (native !== undefined) return native
  const doc = document(call, context)
  const paths = call.args.slice(1).map((arg) => context.text(arg))
  if (paths.length > 1) {
    const list = `VARIADIC ARRAY[${paths.join(', ')}]`
    return json(`sqlite.json_extract_all(${doc}, ${list})`, false)
  }
  const args = `${doc}, ${paths[0]}`
  const known = literalPath(call)
  const step = known === null ? null : loneStep(known)
  const value = step === null ? `json_extract(${args})` : `json_item(${doc}, ${step})`
  const sql = `sqlite.${value}`
  const embedded = `sqlite.json_extract_embed(${args})`
  return typed(sql, 'dynamic', { embedded, ...shownNode(call, known, sql, 'node') })
}

/** The node itself serves where nothing but the reader takes the value. */
function shownNode(
  call: FunctionCall,
  path: string | null,
  of: string,
  decoder: Shown['decoder'],
): Pick<TypedExpression, 'shown'> {
  const node = nodeOf(argument(call, 0), path)
  return node === undefined ? {} : { shown: { sql: node.sql, decoder, of } }
}

function literalPath(call: FunctionCall): string | null {
  const { literal } = argument(call, 1)
  return typeof literal === 'string' ? literal : null
}

function arrowPathOf(call: FunctionCall): string | null {
  return arrowPath(argument(call, 1).literal)
}

function object(call: FunctionCall, context: FunctionContext): TypedExpression {
  const { args } = call
  if (args.length % 2 === 1) {
    throw context.wrong('json_object() requires an even number of arguments')
  }
  const members = args.flatMap((name, index) => {
    const value = args[index + 1]
    return index % 2 === 1 || value === undefined
      ? []
      : [member(label(name, context), value, context)]
  })
  return json(`('{' || ${members.join(` || ',' || `) || `''`} || '}')`, true)
}

/** The strict form without flags, or with the flag 1 that means it. */
function valid(call: FunctionCall, context: FunctionContext): TypedExpression {
  const [doc, flags] = call.args
  if (doc === undefined) throw new Error('json_valid() needs an argument')
  const facts = { notNull: doc.notNull }
  const flag = flags === undefined ? '1' : context.integer(flags)
  if (doc.type === 'blob')
    return typed(`sqlite.blob_json_valid(${doc.sql}, ${flag})`, 'integer', facts)
  const text = context.text(doc)
  if (flags !== undefined && flags.literal !== 1n)
    return typed(`sqlite.json_valid_as(${text}, ${flag})`, 'integer', facts)
  return typed(`sqlite.json_valid(${text})`, 'integer', facts)
}

/** Paths and values by turns, each applied to what the one before has made. */
function edited(call: FunctionCall, mode: string, context: FunctionContext): TypedExpression {
  const { args, name } = call
  if (args.length === 0) return nothing
  if (args.length % 2 === 0) {
    throw context.wrong(`${name}() needs an odd number of arguments`)
  }
  let sql = document(call, context)
  if (args.length === 1) return json(`sqlite.json(${sql})`, argument(call, 0).notNull)
  for (let index = 1; index < args.length; index += 2) {
    const [path, value] = [argument(call, index), argument(call, index + 1)]
    const text = element(value, context, 'sqlite.json_put_value')
    sql = `sqlite.json_edit(${sql}, ${context.text(path)}, ${text}, '${mode}')`
  }
  return json(sql, argument(call, 0).notNull)
}

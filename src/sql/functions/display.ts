import { typed, type TypedExpression } from '../translate/expression.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { also, argument, scalar } from './signature.ts'

/** Functions that show a value: its class, its literal, its text in a template. https://www.sqlite.org/lang_corefunc.html */
export const displayFunctions: readonly SqlFunction[] = [
  scalar('typeof', [1, 1], classOf),
  scalar('quote', [1, 1], quote),
  scalar('unistr_quote', [1, 1], (call, context) => {
    const arg = argument(call, 0)
    if (arg.type !== 'text' && arg.type !== 'dynamic') return quote(call, context)
    return typed(`sqlite.unistr_quote(${arg.sql})`, 'text', { notNull: true })
  }),
  ...also(
    scalar('printf', [0, null], (call, context) => {
      const [template, ...args] = call.args
      if (template === undefined) return typed('NULL::text', 'null')
      const values = args.map((arg) => context.dynamic(arg)).join(', ')
      const sql = `sqlite.format(${context.text(template)}, VARIADIC ARRAY[${values}]::json[])`
      return typed(sql, 'text')
    }),
    'format',
  ),
]

const classNames = { integer: 'integer', real: 'real', text: 'text', blob: 'blob' } as const

function classOf(call: FunctionCall, context: FunctionContext): TypedExpression {
  const arg = argument(call, 0)
  const { type, sql, notNull } = arg
  if (type === 'null') return typed(`'null'::text`, 'text', { notNull: true })
  if (type === 'integer' || type === 'real' || type === 'text' || type === 'blob') {
    const name = `'${classNames[type]}'::text`
    const text = notNull ? name : `(CASE WHEN ${sql} IS NULL THEN 'null'::text ELSE ${name} END)`
    return typed(text, 'text', { notNull: true })
  }
  return typed(`sqlite.typeof(${context.dynamic(arg)})`, 'text', { notNull: true })
}

function quote(call: FunctionCall, context: FunctionContext): TypedExpression {
  const arg = argument(call, 0)
  const facts = { notNull: true }
  if (arg.type === 'text') return typed(`sqlite.quote(${arg.sql})`, 'text', facts)
  if (arg.type === 'integer') return typed(`coalesce((${arg.sql})::text, 'NULL')`, 'text', facts)
  return typed(`sqlite.quote(${context.dynamic(arg)})`, 'text', facts)
}

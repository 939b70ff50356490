import { typed, type TypedExpression } from '../translate/expression.ts'
import { aggregate, firstOfEach } from './aggregate.ts'
import { element, member } from './json-element.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { argument } from './signature.ts'

/** https://www.sqlite.org/json1.html#jgrouparray */
export const jsonGroupFunctions: readonly SqlFunction[] = [
  aggregate('json_group_array', 1, 1, (call, context) => {
    const item = element(argument(call, 0), context)
    return document('[', item, ']', call, context)
  }),
  aggregate('json_group_object', 2, 2, (call, context) => {
    const [name, value] = [argument(call, 0), argument(call, 1)]
    const text = context.text(name)
    const pair = member(`to_json(${text})::text`, value, context)
    // A row without a name leaves nothing behind.
    const item = name.notNull ? pair : `CASE WHEN ${text} IS NOT NULL THEN ${pair} END`
    return document('{', item, '}', call, context)
  }),
]

function document(
  open: string,
  item: string,
  close: string,
  call: FunctionCall,
  context: FunctionContext,
): TypedExpression {
  const { distinct, orderBy, tail } = call
  const order = orderBy === null ? '' : ` ORDER BY ${orderBy}`
  const items = distinct
    ? `array_to_string(${firstOfEach(call, item, context)}, ',')`
    : `string_agg(${item}, ','${order})${tail}`
  const sql = `('${open}' || coalesce(${items}, '') || '${close}')`
  return typed(sql, 'text', { notNull: true, embedded: sql })
}

import type { TypedExpression } from '../translate/expression.ts'
import type { FunctionContext } from './registry.ts'

/**
 * A value as an element of a document that is being made: its JSON text, `null` for NULL. JSON stays what it
 * is, another text becomes a string.
 * @param convert the function of the compatibility schema for values whose class is not known, and for REAL.
 */
export function element(
  value: TypedExpression,
  context: FunctionContext,
  convert = 'sqlite.json_element',
): string {
  const { sql, type, notNull, embedded } = value
  const orNull = (text: string): string => (notNull ? text : `coalesce(${text}, 'null')`)
  if (embedded === null) {
    throw context.unsupported(
      'JSON in JSON, out of an expression of which SQLite may or may not know that it is JSON',
      "Write json(x) for JSON, or x || '' for a text",
    )
  }
  if (embedded !== undefined) return `coalesce(${embedded}, 'null')`
  switch (type) {
    case 'null':
      return `'null'::text`
    case 'integer':
      return orNull(`(${sql})::text`)
    case 'text':
      return orNull(`to_json(${sql})::text`)
    case 'blob':
      return `sqlite.blob_element(${sql})`
    default:
      return `${convert}(${context.dynamic(value)})`
  }
}

/** A member's name, which must be TEXT and not NULL. */
export function label(name: TypedExpression, context: FunctionContext): string {
  const { sql, type, notNull } = name
  if (type === 'text') return notNull ? `to_json(${sql})::text` : `sqlite.json_label(${sql})`
  if (type === 'dynamic') return `sqlite.json_label(${sql})`
  throw context.wrong('json_object() labels must be TEXT')
}

export function member(name: string, value: TypedExpression, context: FunctionContext): string {
  return `${name} || ':' || ${element(value, context)}`
}

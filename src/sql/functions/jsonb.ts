import { typed, type TypedExpression } from '../translate/expression.ts'
import { jsonFunctions } from './json.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'

/** How many of the first arguments are documents; the others are paths and values. */
const documents: Readonly<Record<string, number>> = {
  json: 1,
  json_array: 0,
  json_array_insert: 1,
  json_extract: 1,
  json_insert: 1,
  json_object: 0,
  json_patch: 2,
  json_remove: 1,
  json_replace: 1,
  json_set: 1,
}

/**
 * The functions that give SQLite's binary JSON, which is made of what the function of text gives. So what that
 * would write in another way than it was read is refused. https://www.sqlite.org/jsonb.html
 */
export const jsonbFunctions: readonly SqlFunction[] = jsonFunctions.flatMap((entry) => {
  const count = documents[entry.name]
  if (count === undefined) return []
  return [
    {
      ...entry,
      name: entry.name.replace('json', 'jsonb'),
      emit: (call: FunctionCall, context: FunctionContext) => binary(entry, count, call, context),
    },
  ]
})

function binary(
  entry: SqlFunction,
  count: number,
  call: FunctionCall,
  context: FunctionContext,
): TypedExpression {
  const args = call.args.map((arg, index) => (index < count ? source(arg, context) : arg))
  if (/_(?:set|insert|replace)$/.test(entry.name)) refuseTexts(args, context)
  if (/_(?:set|insert)$/.test(entry.name)) refuseNames(args, context)
  const made = entry.emit({ ...call, name: entry.name, args }, context)
  if (made.type === 'null') return made
  if (entry.name === 'json_extract' && args.length === 2) {
    const [document, path] = args.map((arg) => context.text(arg))
    return typed(`sqlite.jsonb_extract(${document}, ${path})`, 'dynamic')
  }
  return typed(`sqlite.jsonb_of(${made.sql})`, 'blob', { notNull: made.notNull })
}

function source(arg: TypedExpression, context: FunctionContext): TypedExpression {
  if (arg.type === 'null') return arg
  const sql = arg.type === 'blob' ? arg.sql : context.text(arg)
  return typed(`sqlite.jsonb_source(${sql})`, 'text', { notNull: arg.notNull })
}

/** A name that is put in has a form of its own as well; places in arrays have none. */
function refuseNames(args: readonly TypedExpression[], context: FunctionContext): void {
  const paths = args.filter((_, index) => index % 2 === 1)
  if (paths.every(isPlaces)) return
  throw context.unsupported('A name put into JSONB', 'Use the function of the same name with json_')
}

/** A text that is put in keeps a form of its own (TEXTRAW), which the text of the document does not tell. */
function refuseTexts(args: readonly TypedExpression[], context: FunctionContext): void {
  const values = args.filter((_, index) => index > 0 && index % 2 === 0)
  if (!values.some(isKept)) return
  throw context.unsupported('A text put into JSONB', 'Use the function of the same name with json_')
}

function isPlaces({ literal }: TypedExpression): boolean {
  return typeof literal === 'string' && /^\$(?:\[[^\]]*\])*$/.test(literal)
}

function isKept({ type, embedded }: TypedExpression): boolean {
  return embedded === undefined && (type === 'text' || type === 'dynamic')
}

import { plainSteps } from '../json-steps.ts'
import { typed, type TypedExpression } from '../translate/expression.ts'
import { nativeOf } from '../translate/native.ts'
import type { FunctionCall } from './registry.ts'

/**
 * `json_extract(column, '$.a.b')` and `column ->> '$.a.b'` of a jsonb column by PostgreSQL's own operator, whose
 * names are unique there as they are in the form that the column holds. Undefined for every other call.
 */
export function nativeValue({ args }: FunctionCall): TypedExpression | undefined {
  const [document, path, more] = args
  if (document === undefined || typeof path?.literal !== 'string' || more !== undefined) {
    return undefined
  }
  const native = nativeOf(document)
  const steps = plainSteps(path.literal)
  if (native?.type !== 'jsonb' || steps === null) return undefined
  const node = `(${native.sql} #> ${steps})`
  const sql = `sqlite.json_value((${node})::json)`
  return typed(sql, 'dynamic', {
    embedded: `sqlite.json_embed((${node})::json)`,
    text: {
      sql: `(${native.sql} #>> ${steps})`,
      isText: `jsonb_typeof${node} = 'string'`,
      of: sql,
    },
  })
}

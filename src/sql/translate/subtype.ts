import type { TypedExpression } from './expression.ts'

/**
 * The subtype JSON of an expression that gives one of several values as it is (CASE, coalesce): each value's own.
 * @param build the same choice, made of the values' JSON texts.
 */
export function chosenSubtype(
  values: readonly TypedExpression[],
  build: (sql: readonly string[]) => string,
): Pick<TypedExpression, 'embedded' | 'subtypeOfColumn'> {
  if (values.every(({ embedded }) => embedded === undefined)) return {}
  const texts = values.map(jsonText)
  const embedded = texts.includes(null) ? null : build(texts.map(String))
  const isColumn = values.some(({ subtypeOfColumn }) => subtypeOfColumn === true)
  return isColumn ? { embedded, subtypeOfColumn: true } : { embedded }
}

/** What the value is in a document, NULL where it is NULL; null where that cannot be said in few words. */
function jsonText({ type, sql, embedded }: TypedExpression): string | null {
  if (embedded !== undefined) return embedded
  if (type === 'null') return 'NULL::text'
  if (type === 'integer') return `(${sql})::text`
  return type === 'text' ? `to_json(${sql})::text` : null
}

/** Of a function or cast that hands its argument on: the same text where that is all there is to it. */
export function keptSubtype({ sql, embedded }: TypedExpression): Pick<TypedExpression, 'embedded'> {
  if (embedded === undefined) return {}
  return { embedded: embedded === sql ? embedded : null }
}

/** The same where PostgreSQL computes another text, whose JSON cannot be told from that of the argument. */
export function doubtfulSubtype({ embedded }: TypedExpression): Pick<TypedExpression, 'embedded'> {
  return embedded === undefined ? {} : { embedded: null }
}

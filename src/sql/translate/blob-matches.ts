import { typed, type TypedExpression } from './expression.ts'

/**
 * LIKE and GLOB where an operand is a blob: built with SQLITE_LIKE_DOESNT_MATCH_BLOBS, SQLite says that it matches
 * nothing, whatever the other is. Where there is none, `match` compares texts. likeFunc of func.c
 */
export function unlessBlob(
  operands: readonly TypedExpression[],
  not: '' | 'NOT ',
  match: () => TypedExpression,
): TypedExpression {
  const answer = not === '' ? 'FALSE' : 'TRUE'
  if (operands.some(({ type, notNull }) => type === 'blob' && notNull)) {
    return typed(answer, 'boolean', { notNull: true, constant: true })
  }
  const tests = operands.flatMap(blobTest)
  if (tests.length === 0) return match()
  const isBlob = `CASE WHEN ${tests.join(' OR ')} THEN ${answer}`
  // Without a blob what is declared as one is NULL.
  if (operands.some(({ type }) => type === 'blob')) return typed(`${isBlob} END`, 'boolean')
  const text = match()
  return { ...text, sql: `${isBlob} ELSE ${text.sql} END` }
}

/** The condition under which the value is a blob; none where it cannot be one, as out of a JSON document. */
function blobTest({ type, sql, numbers, text }: TypedExpression): readonly string[] {
  if (type === 'blob') return [`${sql} IS NOT NULL`]
  const isOpen = type === 'dynamic' && numbers !== true && text === undefined
  return isOpen ? [`json_typeof(${sql}) = 'object'`] : []
}

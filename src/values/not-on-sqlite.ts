import { codecFor, type ColumnTypes } from './codec.ts'

/** Says of a text of PostgreSQL's why SQLite cannot hold what it stands for; null where it can. */
export type Refusing = (text: string) => string | null

/**
 * What PostgreSQL's types of numbers hold beside SQLite's: other programs may write it, as no statement of SQLite gives it.
 * Undefined for a column whose type has no such value.
 */
export function notOnSqlite(column: ColumnTypes): Refusing | undefined {
  const { postgresType } = column
  if (postgresType === 'numeric') return notExact(column)
  return postgresType === 'double precision' || postgresType.startsWith('numeric(')
    ? notNumber
    : undefined
}

const notNumber: Refusing = (text) => (text === 'NaN' ? 'NaN, which SQLite does not have' : null)

function notExact(column: ColumnTypes): Refusing {
  const codec = codecFor(column)
  return (text) => {
    if (text === 'NaN') return notNumber(text)
    const held = codec.encode(codec.decode(text))
    return typeof held === 'string' && shortest(held) === shortest(text)
      ? null
      : 'a number with more digits than an INTEGER or a REAL has'
  }
}

/** A decimal without the zeros that say nothing. */
function shortest(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

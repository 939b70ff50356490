import { applyNumericAffinity } from '../values/affinity.ts'
import { codecFor, Unencodable } from '../values/codec.ts'
import { isUpgraded, serverType } from '../values/postgres-type.ts'
import { positionalText } from '../values/real-text.ts'
import type { Affinity, UpgradedType, Value } from '../values/value.ts'
import { literalValue } from './literal.ts'
import type { Column } from './model.ts'
import { parseExpression } from './parse-expression.ts'
import { currentTime, type CurrentTime } from './postgres-now.ts'
import { quoteLiteral } from './quote.ts'

/**
 * PostgreSQL's expression for a column's DEFAULT: literals as the column would store them, and the
 * current time in the forms of `currentTime`. Null where there is no faithful one.
 */
export function defaultExpression(column: Column): string | null {
  const { defaultSql } = column
  const expr = defaultSql === null ? null : parseExpression(defaultSql)
  if (expr === null || defaultSql === null) return null
  const time = currentTime(expr)
  if (time !== null) return timeExpression(time, column)
  const value = expr.type === 'Id' ? wordValue(expr.name, defaultSql) : literalValue(expr)
  return value === undefined ? null : valueExpression(value, column)
}

/** SQLite takes a word after DEFAULT, quoted or not, for text, unless it is TRUE or FALSE. */
function wordValue(name: string, defaultSql: string): Value {
  const quoted = /^["`[]/.test(defaultSql.trim())
  if (!quoted && /^true$/i.test(name)) return 1n
  if (!quoted && /^false$/i.test(name)) return 0n
  return name
}

function valueExpression(value: Value, column: Column): string | null {
  const stored = store(value, column.affinity)
  const text = stored === undefined ? undefined : codecFor(column).encode(stored)
  if (text === undefined || text instanceof Unencodable) return null
  return text === null ? 'NULL' : `${quoteLiteral(text)}::${serverType(column.postgresType)}`
}

/** What the column keeps. A long real in a TEXT column is left out: its text depends on the SQLite. */
function store(value: Value, affinity: Affinity): Value | undefined {
  if (affinity !== 'text') return applyNumericAffinity(value, affinity)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') return value
  const size = Math.abs(value)
  const plain = size === 0 || (size >= 1e-4 && size < 1e15)
  return plain && Number(value.toPrecision(15)) === value ? positionalText(value) : undefined
}

/** The forms of a moment that a DEFAULT of SQLite has in the type's own form, and what gives them. */
const upgradedTimes: Readonly<
  Partial<Record<UpgradedType, readonly [pattern: string, sql: string]>>
> = {
  date: ['YYYY-MM-DD', `(statement_timestamp() AT TIME ZONE 'UTC')::date`],
  timestamptz: ['YYYY-MM-DD HH24:MI:SS', `date_trunc('second', statement_timestamp())`],
  'timestamptz(iso)': [
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"',
    `date_trunc('milliseconds', statement_timestamp())`,
  ],
}

/** A text for columns that hold text, a number of seconds for those that hold numbers. */
function timeExpression(time: CurrentTime, { affinity, postgresType }: Column): string | null {
  if (isUpgraded(postgresType)) {
    const [pattern, sql] = upgradedTimes[postgresType] ?? []
    return sql !== undefined && pattern === time.pattern ? sql : null
  }
  if (postgresType === 'text') {
    if (time.seconds === null) return time.text
    // An undeclared column keeps the class: strftime() makes text, unixepoch() an integer.
    return affinity === 'blob' && !time.isText ? null : `(${time.seconds})::text`
  }
  if (time.seconds === null || postgresType === 'bytea') return null
  if (affinity === 'blob' && time.isText) return null
  return affinity === 'blob' && postgresType === 'double precision'
    ? null
    : `(${time.seconds})::${postgresType}`
}

import type { Expr } from 'sqlite3-parser'
import { quoteLiteral } from './quote.ts'

/** The current time of a statement, which stands still while it runs, as it does in SQLite. */
export interface CurrentTime {
  /** PostgreSQL's expression for the text that SQLite gives, in UTC. */
  readonly text: string
  /** PostgreSQL's bigint expression for the seconds since 1970, where that is what is asked for. */
  readonly seconds: string | null
  /** The pattern of `text` for `to_char`, where it is one. */
  readonly pattern: string | null
  /** SQLite's result is TEXT, as `strftime('%s')` is, not the INTEGER of `unixepoch()`. */
  readonly isText: boolean
}

const seconds = 'floor(extract(epoch FROM statement_timestamp()))::bigint'
const epochAsText: CurrentTime = {
  text: `(${seconds})::text`,
  seconds,
  pattern: null,
  isText: true,
}

/**
 * CURRENT_TIMESTAMP and its kin, `datetime('now')`, `date`, `time`, `unixepoch` and `strftime` of now
 * with the common conversions. Null for anything else, other modifiers included.
 * https://www.sqlite.org/lang_datefunc.html
 */
export function currentTime(expr: Expr): CurrentTime | null {
  switch (expr.type) {
    case 'CurrentTimestampLiteral':
      return formatted('%Y-%m-%d %H:%M:%S')
    case 'CurrentDateLiteral':
      return formatted('%Y-%m-%d')
    case 'CurrentTimeLiteral':
      return formatted('%H:%M:%S')
    case 'ParenthesizedExpr':
      return expr.exprs.length === 1 && expr.exprs[0] ? currentTime(expr.exprs[0]) : null
    case 'FunctionCallExpr':
      return functionTime(expr.name.name.toLowerCase(), expr.args ?? [])
    default:
      return null
  }
}

function functionTime(name: string, args: readonly Expr[]): CurrentTime | null {
  if (name === 'strftime') {
    const [format, ...rest] = args
    if (format?.type !== 'StringLiteral' || !isNow(rest)) return null
    return format.value === '%s' ? epochAsText : formatted(format.value)
  }
  if (!isNow(args)) return null
  switch (name) {
    case 'datetime':
      return formatted('%Y-%m-%d %H:%M:%S')
    case 'date':
      return formatted('%Y-%m-%d')
    case 'time':
      return formatted('%H:%M:%S')
    case 'unixepoch':
      return { ...epochAsText, isText: false }
    default:
      return null
  }
}

function isNow(args: readonly Expr[]): boolean {
  const [time] = args
  if (time === undefined) return true
  return args.length === 1 && time.type === 'StringLiteral' && time.value.toLowerCase() === 'now'
}

const patterns: Readonly<Record<string, string>> = {
  '%Y': 'YYYY',
  '%m': 'MM',
  '%d': 'DD',
  '%H': 'HH24',
  '%M': 'MI',
  '%S': 'SS',
  '%f': 'SS.MS',
  '%F': 'YYYY-MM-DD',
  '%T': 'HH24:MI:SS',
  '%R': 'HH24:MI',
}

/** Null where the format has a conversion that is not in the table above. */
function formatted(format: string): CurrentTime | null {
  const pieces = format.match(/%.|[^%]+/gsu) ?? []
  if (pieces.join('') !== format) return null
  let pattern = ''
  for (const piece of pieces) {
    const known = piece.startsWith('%') ? patterns[piece] : literalPattern(piece)
    if (known === undefined) return null
    pattern += known
  }
  const now = `statement_timestamp() AT TIME ZONE 'UTC'`
  return { text: `to_char(${now}, ${quoteLiteral(pattern)})`, seconds: null, pattern, isText: true }
}

/** In double quotes `to_char` copies text as it is. */
function literalPattern(text: string): string | undefined {
  if (/["\\\0]/.test(text)) return undefined
  return /^[-/:,. ]*$/.test(text) ? text : `"${text}"`
}

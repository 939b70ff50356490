/** A placeholder in PostgreSQL's text, `$1` or `:name`. */
export interface WrittenParameter {
  readonly start: number
  /** Behind the placeholder; the cast stays where it is. */
  readonly end: number
  /** The digits or the name. */
  readonly name: string
  /** The type that it is cast to, in lower case, with `[]` for an array; null without a cast. */
  readonly type: string | null
}

/*
 * What PostgreSQL's lexer reads as one piece, so that nothing inside of it is taken for a placeholder.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
const pieces: readonly RegExp[] = [
  /--[^\n\r]*/y,
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /\$([A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$[\s\S]*?\$\1\$/y,
  // A name may have dollar signs in it, which begin nothing there.
  /[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/y,
  /\d[\w.]*/y,
  /::/y,
]

const placeholder = /\$(\d+)|:([A-Za-z_]\w*)/y

/** The placeholders of a statement for PostgreSQL, in order; what is in constants and comments is none. */
export function readPostgresParameters(text: string): WrittenParameter[] {
  const found: WrittenParameter[] = []
  let at = 0
  while (at < text.length) {
    const piece = commentEnd(text, at) ?? endOf(pieces, text, at)
    if (piece !== undefined) {
      at = piece
      continue
    }
    placeholder.lastIndex = at
    const match = placeholder.exec(text)
    const name = match?.[1] ?? match?.[2]
    if (name === undefined) {
      at += 1
      continue
    }
    const end = placeholder.lastIndex
    found.push({ start: at, end, name, type: castOf(text, at, end) })
    at = end
  }
  return found
}

function endOf(patterns: readonly RegExp[], text: string, at: number): number | undefined {
  for (const pattern of patterns) {
    pattern.lastIndex = at
    if (pattern.test(text)) return pattern.lastIndex
  }
  return undefined
}

/** Block comments nest in PostgreSQL. */
function commentEnd(text: string, at: number): number | undefined {
  if (!text.startsWith('/*', at)) return undefined
  let depth = 0
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

const typeName = /\s*(double\s+precision|character\s+varying|[A-Za-z_]\w*)(?:\s*\([^)]*\))?(\s*\[)?/

/** `$1::bigint` and `CAST($1 AS bigint)`. */
function castOf(text: string, start: number, end: number): string | null {
  const before = text.slice(Math.max(0, start - 40), start)
  const after = text.slice(end, end + 200)
  const sign =
    /^\s*::/.exec(after) ?? (/\bcast\s*\(\s*$/i.test(before) ? /^\s+as\b/i.exec(after) : null)
  if (sign === null) return null
  const match = new RegExp(`^${typeName.source}`).exec(after.slice(sign[0].length))
  if (match?.[1] === undefined) return 'other'
  const word = match[1].replaceAll(/\s+/g, ' ').toLowerCase()
  return match[2] === undefined ? word : `${word}[]`
}

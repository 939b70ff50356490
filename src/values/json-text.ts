const token = /[{}[\],:]|"(?:[^"\\]|\\.)*"|-?[\d.eE+-]+|true|false|null/gy

/** Digits as PostgreSQL's numeric writes them, one spelling for each number. */
const number = /^(?!-0$)-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/

/** PostgreSQL's numeric has room for more; a repetition in its regular expressions has not. */
const MAX_NUMBER_LENGTH = 200

/** JSON as RFC 8259 has it, which is what PostgreSQL's type `json` takes: SQLite's JSON5 is none. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * JSON that `jsonb` gives back to the letter once its blanks are taken out: no white space between tokens, the
 * names of an object without repetition and sorted by their length in bytes and then by their bytes, strings
 * with the escapes of `JSON.stringify`, numbers as plain digits without zeros at the end of a fraction. Two such
 * texts are equal exactly where the jsonb values are.
 */
export function isCanonicalJson(text: string): boolean {
  if (!isJson(text)) return false
  /** The last name in each array or object around. */
  const open: (string | undefined)[] = []
  token.lastIndex = 0
  for (let end = 0; end < text.length; end = token.lastIndex) {
    const [found] = token.exec(text) ?? []
    if (found === undefined) return false
    if (found === '{' || found === '[') open.push(undefined)
    else if (found === '}' || found === ']') open.pop()
    else if (found.startsWith('"')) {
      if (!isPlainString(found)) return false
      const isName = text[token.lastIndex] === ':'
      if (isName && !isNext(JSON.parse(found) as string, open)) return false
    } else if (/[\d-]/.test(found)) {
      if (!number.test(found) || found.length > MAX_NUMBER_LENGTH) return false
    }
  }
  return true
}

/** The spelling that PostgreSQL writes, of a string that it can hold: neither NUL nor half a character. */
function isPlainString(found: string): boolean {
  const value = JSON.parse(found) as string
  return JSON.stringify(value) === found && !value.includes('\0') && !/\p{Surrogate}/u.test(value)
}

/** Whether the name sorts behind the one before it, which it replaces. */
function isNext(name: string, open: (string | undefined)[]): boolean {
  const before = open.at(-1)
  open[open.length - 1] = name
  if (before === undefined) return true
  const [a, b] = [Buffer.from(before), Buffer.from(name)]
  return a.length === b.length ? Buffer.compare(a, b) < 0 : a.length < b.length
}

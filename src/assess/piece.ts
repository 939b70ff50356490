/** Where the characters of a text stand in its file. */
interface Segment {
  /** In the text. */
  readonly at: number
  /** In the file: of its first character, or of each where escapes make them differ. */
  readonly start: number
  readonly each: readonly number[] | null
}

/** What stands in a template where only run time knows the text. */
export interface Hole {
  /** The placeholder that stands for it in the text. */
  readonly placeholder: string
  /** A value, as far as the program's text tells; else a name or a piece of SQL. */
  readonly isValue: boolean
  /** As it is written in the program. */
  readonly code: string
}

/** Text that may be SQL, out of a file. */
export interface Piece {
  readonly text: string
  readonly holes: readonly Hole[]
  /**
   * How sure it is that the text is SQL: the whole `script`; a template with the tag `sql`; an argument of a
   * `call` such as `prepare`; or any other text of a program.
   */
  readonly context: 'script' | 'tag' | 'call' | 'plain'
  /** The offset in the file of an offset in the text. */
  place(offset: number): number
}

export function scriptPiece(text: string): Piece {
  return { text, holes: [], context: 'script', place: (offset) => offset }
}

/** Puts a piece together of what is known and of holes. */
export class PieceBuilder {
  #text = ''
  readonly #segments: Segment[] = []
  readonly #holes: Hole[] = []

  /** @param raw as it stands in the file from `start` on, escapes and all. */
  add(raw: string, start: number): void {
    const { text, each } = unescape(raw, start)
    this.#segments.push({ at: this.#text.length, start, each })
    this.#text += text
  }

  addHole(code: string, isValue: boolean, start: number): void {
    const placeholder = `:lockstep_hole_${this.#holes.length}_`
    this.#segments.push({ at: this.#text.length, start, each: [] })
    this.#text += placeholder
    this.#holes.push({ placeholder, isValue, code })
  }

  finish(context: Piece['context']): Piece {
    const segments = this.#segments
    return {
      text: this.#text,
      holes: this.#holes,
      context,
      place(offset) {
        const segment = segments.findLast(({ at }) => at <= offset)
        if (segment === undefined) return 0
        const { at, start, each } = segment
        return each === null ? start + offset - at : (each[offset - at] ?? start)
      },
    }
  }
}

const escape =
  /\\(?:\r\n|[\n\r\u2028\u2029]|x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]+)\}|([0-7]{1,3})|([^]))|\r\n?/g

const letters: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** https://tc39.es/ecma262/#sec-literals-string-literals */
function unescape(raw: string, start: number): { text: string; each: readonly number[] | null } {
  if (!/[\\\r]/.test(raw)) return { text: raw, each: null }
  let text = ''
  const each: number[] = []
  let at = 0
  const take = (part: string, offset: (index: number) => number): void => {
    for (let index = 0; index < part.length; index++) each.push(start + offset(index))
    text += part
  }
  for (const match of raw.matchAll(escape)) {
    const from = at
    take(raw.slice(at, match.index), (index) => from + index)
    take(meaning(match), () => match.index)
    at = match.index + match[0].length
  }
  take(raw.slice(at), (index) => at + index)
  return { text, each }
}

function meaning([whole, hex, short, long, octal, other]: RegExpMatchArray): string {
  if (!whole.startsWith('\\')) return '\n'
  const code = hex ?? short ?? long
  if (code !== undefined) {
    const point = Number.parseInt(code, 16)
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : ''
  }
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
  return other === undefined ? '' : (letters[other] ?? other)
}

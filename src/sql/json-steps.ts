import type { Value } from '../values/value.ts'

/**
 * The path `$.a.b` as PostgreSQL's `#>` takes it, an array of names. Null for steps that PostgreSQL would read
 * otherwise: places of an array, and names that look like one.
 */
export function plainSteps(path: string): string | null {
  if (!/^\$(?:\.[A-Za-z_]\w*)+$/.test(path)) return null
  const names = path.slice(2).split('.')
  return `'{${names.map((name) => `"${name}"`).join(',')}}'::text[]`
}

/**
 * The arguments behind the document of `sqlite.json_item`, the quick form for a path of one step: `$.name`, `$[3]`. Null for any
 * other path. An index and the statements that it is to serve say it in the same words.
 */
export function loneStep(path: string): string | null {
  const [, name, place] = /^\$(?:\.([A-Za-z_]\w*)|\[(\d{1,9})\])$/.exec(path) ?? []
  if (name !== undefined) return `'${name}', '"${name}"'`
  return place === undefined ? null : String(Number(place))
}

/** A path into a text as `#>` takes it, and what must hold for `#>` to find what SQLite finds there. */
export interface FoundSteps {
  /** An array of names and places. */
  readonly steps: string
  /** Conditions on the text of the document. */
  conditions(document: string): readonly string[]
}

/**
 * The path `$.a[0].b`. Of two equal names PostgreSQL takes the last one, and a place may be a name to it: so each name must
 * stand in the text once at most, and no place in quotes at all. Null for other steps, and for so many of them that they would not pay.
 */
export function foundSteps(path: string): FoundSteps | null {
  if (!/^\$(?:\.[A-Za-z_]\w*|\[(?:\d{1,9}|#-[1-9]\d{0,8})\]){1,4}$/.test(path)) return null
  const steps = [...path.matchAll(/\.(\w+)|\[#?(-?\d+)\]/g)].map(([, name, place]) =>
    name === undefined ? Number(place) : name,
  )
  return {
    steps: `'{${steps.map((step) => `"${step}"`).join(',')}}'`,
    conditions: (document) =>
      [...new Set(steps)].map((step) =>
        typeof step === 'string'
          ? `split_part(${document}, '"${step}"', 3) = ''`
          : `strpos(${document}, '"${step}"') = 0`,
      ),
  }
}

/** What stands behind an arrow, as a path: a name by itself, or a place, which counts from the end where it is negative. */
export function arrowPath(literal: Value | undefined): string | null {
  if (typeof literal === 'bigint') return `$[${literal < 0n ? '#' : ''}${literal}]`
  if (typeof literal !== 'string') return null
  return /^[A-Za-z_]\w*$/.test(literal) ? `$.${literal}` : literal
}

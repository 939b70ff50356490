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

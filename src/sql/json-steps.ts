/**
 * The path `$.a.b` as PostgreSQL's `#>` takes it, an array of names. Null for steps that PostgreSQL would read
 * otherwise: places of an array, and names that look like one.
 */
export function plainSteps(path: string): string | null {
  if (!/^\$(?:\.[A-Za-z_]\w*)+$/.test(path)) return null
  const names = path.slice(2).split('.')
  return `'{${names.map((name) => `"${name}"`).join(',')}}'::text[]`
}

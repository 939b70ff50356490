import type { Affinity } from '../values/value.ts'

/**
 * SQLite's five rules, in their order. A STRICT table knows one more type, ANY, that converts nothing.
 * https://www.sqlite.org/datatype3.html#determination_of_column_affinity
 */
export function affinityOf(declaredType: string, strict = false): Affinity {
  const type = declaredType.toUpperCase()
  if (strict && type === 'ANY') return 'blob'
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
}

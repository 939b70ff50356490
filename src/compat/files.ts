import { readFileSync } from 'node:fs'
import { codeRoot } from '../core/code-root.ts'

/**
 * The groups of functions in the order in which they are made, as later ones call earlier ones. One file
 * each, beside this module: the build copies them, so that they are found from `dist` as from `src`.
 */
const groups = [
  'values',
  'arithmetic',
  'number',
  'aggregate',
  'text',
  'format',
  'date',
  'date-calls',
  'json5',
  'json',
  'json-edit',
  'jsonb',
  'quote',
  'random',
  'upgraded',
  'writes',
] as const

export interface CompatFile {
  readonly group: string
  readonly sql: string
}

/** Every file can run again over its own result: `CREATE OR REPLACE` throughout. */
export function compatFiles(): readonly CompatFile[] {
  return groups.map((group) => ({
    group,
    sql: readFileSync(new URL(`compat/${group}.sql`, codeRoot), 'utf8'),
  }))
}

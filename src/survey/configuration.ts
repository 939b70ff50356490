import type { TypeOverrides } from '../schema/overrides.ts'
import type { PostgresType } from '../values/value.ts'
import type { Suggestion } from './suggest.ts'

/**
 * The group `columns` of a configuration in YAML, to be put in the place of the one that is there: what it has
 * already, and all suggestions. Empty where there is nothing to say.
 * @param configured what the configuration says today
 * @param fitting types that would take all rows of columns which have misfits; they are for the operator to choose, so
 *   they come as comments
 */
export function columnsConfiguration(
  configured: TypeOverrides,
  suggested: readonly Suggestion[],
  fitting: Readonly<Record<string, PostgresType>>,
): string {
  const lines = [
    ...Object.entries(configured).map(([path, type]) => entry(path, type)),
    ...suggested.map(({ table, column, type, proven, evidence }) => {
      const values = `${proven} value${proven === 1 ? '' : 's'}`
      return `${entry(`${table}.${column}`, type)} # ${values}; ${comment(evidence)}`
    }),
  ]
  const choices = Object.entries(fitting)
    .filter(([path]) => !Object.hasOwn(configured, path))
    .map(([path, type]) => `  # ${comment(entry(path, type).trim())} # would take all rows`)
  if (lines.length + choices.length === 0) return ''
  return `columns:${lines.length === 0 ? ' {}' : ''}\n${[...lines, ...choices].join('\n')}\n`
}

/** A name of any kind is a quoted scalar, and what JSON writes is one of YAML's. */
function entry(path: string, type: PostgresType): string {
  const name = /^[A-Za-z_]\w*\.\w+$/.test(path) ? path : comment(JSON.stringify(path))
  return `  ${name}: ${type}`
}

/** What YAML takes for the end of a line, or does not print, would end a comment. */
function comment(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\ufeff\p{Surrogate}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

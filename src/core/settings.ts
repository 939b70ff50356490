import { LockstepError } from './errors.ts'
import { isRecord } from './record.ts'
import { didYouMean } from './suggest.ts'

/**
 * Reads one group of settings key by key. A key that nothing has asked for is unknown, so the keys and
 * their checks stand in one place. Every failure is `CONFIG_INVALID` and names the key with its path.
 * Messages never hold a value: it may be a password.
 */
export interface Settings {
  has(key: string): boolean
  /** As it is, undefined where it is not given. */
  value(key: string): unknown
  boolean(key: string, fallback: boolean): boolean
  integer(key: string, bounds: { fallback: number; min: number; max?: number }): number
  text(key: string): string | undefined
  choice<T extends string>(key: string, words: readonly T[], fallback: T): T
  /** A function, or undefined where it is not given; its signature is up to the caller. */
  function(key: string): ((...args: never[]) => unknown) | undefined
  /** A group within this one; empty where it is not given. */
  group(key: string): Settings
  /** Refuses the keys that were not asked for; comes after everything that was. */
  done(): void
  refuse(key: string, problem: string): LockstepError
}

export function readSettings(raw: unknown, path = ''): Settings {
  if (!isRecord(raw)) throw invalid(path || 'options', 'must be an object')
  const asked = new Set<string>()
  const value = (key: string): unknown => {
    asked.add(key)
    return Object.hasOwn(raw, key) ? (raw[key] ?? undefined) : undefined
  }
  const name = (key: string): string => (path === '' ? key : `${path}.${key}`)
  const refuse = (key: string, problem: string): LockstepError => invalid(name(key), problem)
  return {
    value,
    refuse,
    has: (key) => value(key) !== undefined,
    boolean(key, fallback) {
      const given = value(key) ?? fallback
      if (typeof given === 'boolean') return given
      throw refuse(key, 'must be true or false')
    },
    integer(key, { fallback, min, max = Number.MAX_SAFE_INTEGER }) {
      const given = value(key) ?? fallback
      if (Number.isSafeInteger(given) && Number(given) >= min && Number(given) <= max) {
        return Number(given)
      }
      const upTo = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`
      throw refuse(key, `must be a whole number, ${upTo}`)
    },
    text(key) {
      const given = value(key)
      if (given === undefined || (typeof given === 'string' && given !== '')) return given
      throw refuse(key, 'must be text that is not empty')
    },
    choice(key, words, fallback) {
      const given = value(key) ?? fallback
      const word = words.find((candidate) => candidate === given)
      if (word !== undefined) return word
      const hint = typeof given === 'string' ? `.${didYouMean(given, words)}` : ''
      throw refuse(key, `must be ${words.join(' or ')}${hint}`)
    },
    function(key) {
      const given = value(key)
      if (given === undefined) return undefined
      if (typeof given === 'function') return given as (...args: never[]) => unknown
      throw refuse(key, 'must be a function')
    },
    group: (key) => readSettings(value(key) ?? {}, name(key)),
    done() {
      const unknown = Object.keys(raw).find((key) => !asked.has(key))
      if (unknown === undefined) return
      throw refuse(unknown, `is not an option.${didYouMean(unknown, [...asked])}`)
    },
  }
}

function invalid(key: string, problem: string): LockstepError {
  return new LockstepError('CONFIG_INVALID', `${key} ${problem}`, { details: { key } })
}

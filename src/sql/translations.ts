import { classOf } from './parameter-class.ts'
import type { ParameterAssumption, Translation, Translator } from './translation.ts'

/** The statements that are kept; one that was not used for twice as many others is forgotten. */
export const maxTranslations = 1000

/** How many variants one statement has at most, by the classes of its parameters. */
const maxVariants = 64

/** What one text becomes for some classes of its parameters. */
interface Variant<T> {
  readonly assumptions: readonly ParameterAssumption[]
  readonly made: T
}

/** Translations of one catalog, each made once. */
export interface Translations<T> {
  /** @param values by SQLite's number minus 1. @throws what the translator throws; that is not kept. */
  of(sql: string, values: readonly unknown[]): T
  readonly size: number
}

/**
 * Keeps what `make` makes of each translation. Only what the translator assumed of the parameters tells
 * two uses of a text apart, so one that faces a column has one translation for all its values.
 *
 * Two generations stand for the order of use: what is found in the old one moves to the young one, and
 * when the young one is full it becomes the old one. So a hit costs a look-up and never a rearrangement.
 */
export function createTranslations<T>(
  translator: Translator,
  make: (translation: Translation) => T,
  limit: number = maxTranslations,
): Translations<T> {
  const half = Math.max(1, Math.ceil(limit / 2))
  let young = new Map<string, Variant<T>[]>()
  let old = new Map<string, Variant<T>[]>()

  function remember(sql: string, variants: Variant<T>[]): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(sql, variants)
  }

  function variantsOf(sql: string): Variant<T>[] | undefined {
    const variants = young.get(sql)
    if (variants !== undefined) return variants
    const older = old.get(sql)
    if (older === undefined) return undefined
    old.delete(sql)
    remember(sql, older)
    return older
  }

  return {
    of(sql, values) {
      const variants = variantsOf(sql)
      const found = variants === undefined ? undefined : matching(variants, values)
      if (found !== undefined) return found
      const translation = translator.translate(sql, values.map(classOf))
      const variant = { assumptions: translation.assumptions, made: make(translation) }
      if (variants === undefined) remember(sql, [variant])
      else {
        if (variants.length >= maxVariants) variants.shift()
        variants.push(variant)
      }
      return variant.made
    },
    get size() {
      return young.size + old.size
    },
  }
}

function matching<T>(variants: readonly Variant<T>[], values: readonly unknown[]): T | undefined {
  for (const { assumptions, made } of variants) {
    if (hold(assumptions, values)) return made
  }
  return undefined
}

function hold(assumptions: readonly ParameterAssumption[], values: readonly unknown[]): boolean {
  for (const { parameter, classes } of assumptions) {
    if (!classes.includes(classOf(values[parameter - 1]))) return false
  }
  return true
}

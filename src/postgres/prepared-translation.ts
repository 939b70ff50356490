import { decodersOf, type Decode } from '../sql/decode-row.ts'
import type { Step, Translation } from '../sql/translation.ts'

/** A translation with what running it needs every time. */
export interface PreparedTranslation {
  readonly translation: Translation
  readonly steps: readonly PreparedStep[]
  /** The names of the application's columns. */
  readonly names: readonly string[]
  /** The decoders of the application's columns and, behind them, of Lockstep's own. */
  readonly decoders: readonly Decode[]
}

export interface PreparedStep extends Step {
  readonly name: string
  /** A text that has run once before gets a name: one that is never seen again must not stay on the server. */
  seen: boolean
}

/** @param nextName gives a name that was never given before in this process */
export function prepareTranslation(
  translation: Translation,
  { safeIntegers, nextName }: { safeIntegers: boolean; nextName: () => string },
): PreparedTranslation {
  const { columns, hiddenColumns, steps } = translation
  return {
    translation,
    steps: steps.map((step) => ({ ...step, name: nextName(), seen: false })),
    names: columns.slice(0, columns.length - hiddenColumns).map(({ name }) => name),
    decoders: decodersOf(columns, safeIntegers),
  }
}

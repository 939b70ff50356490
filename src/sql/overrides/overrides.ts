import { isLockstepError, messageOf } from '../../core/errors.ts'
import { analyze, type Statement } from '../statement.ts'
import { fingerprintOf } from './fingerprint.ts'
import { fitOverride, invalid, overridable, type Override } from './override.ts'

/** What an operator wrote, by fingerprint. */
export interface Overrides {
  readonly list: readonly Override[]
  /** The one for a statement; called once for each distinct text, as a fingerprint costs more than a look-up. */
  of(statement: Statement): Override | undefined
}

export interface WrittenOverride {
  readonly sqlite?: string
  readonly fingerprint?: string
  readonly postgres: string
  readonly reason?: string
}

export const noOverrides: Overrides = Object.freeze({ list: [], of: () => undefined })

/**
 * Checks what can be told without a database: that a statement that was given as text is one, that its form takes
 * its parameters, and that no statement has two.
 * @throws LockstepError OVERRIDE_INVALID
 */
export function createOverrides(written: readonly WrittenOverride[]): Overrides {
  if (written.length === 0) return noOverrides
  const known = new Map<string, Override>()
  for (const each of written) {
    const override = overrideOf(each)
    if (known.has(override.fingerprint)) {
      throw invalid(override, 'the same statement has another one. Remove one of the two')
    }
    known.set(override.fingerprint, override)
  }
  return {
    list: [...known.values()],
    of: (statement) =>
      overridable.has(statement.kind) ? known.get(fingerprintOf(statement.sql)) : undefined,
  }
}

function overrideOf(written: WrittenOverride): Override {
  const { sqlite, fingerprint = '', postgres } = written
  const reason = written.reason ?? null
  refuseStep(written)
  if (sqlite === undefined) return { fingerprint, sqlite: null, postgres, reason }
  const override = { fingerprint: fingerprintText(sqlite, postgres), sqlite, postgres, reason }
  fitOverride(read(override, sqlite), override)
  return override
}

/** Behind white space and comments. */
const step =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:begin|start|commit|end|rollback|abort|prepare)\b/i

/** A form that ends a transaction would end the application's, and commit what is only rehearsed. */
function refuseStep({ fingerprint = '(unknown)', postgres }: WrittenOverride): void {
  if (!step.test(postgres)) return
  throw invalid(
    { fingerprint, postgres },
    'its form is a step of a transaction. Write a statement that reads or changes rows',
  )
}

function fingerprintText(sqlite: string, postgres: string): string {
  try {
    return fingerprintOf(sqlite)
  } catch (error) {
    throw invalid({ fingerprint: '(unknown)', postgres }, messageOf(error), error)
  }
}

function read(override: Override, sqlite: string): Statement {
  try {
    return analyze(sqlite)
  } catch (error) {
    if (!(error instanceof RangeError) && !isLockstepError(error)) throw error
    throw invalid(
      override,
      `SQLite cannot read the statement that it is for: ${messageOf(error)}`,
      error,
    )
  }
}

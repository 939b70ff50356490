import type { Statement } from '../sql/statement.ts'

/**
 * A value of each kind that the translator tells apart, the likeliest first: what a statement becomes hangs on the
 * classes of its parameters alone.
 */
const samples: readonly unknown[] = ['text', 1, null, 1n, 1.5, Buffer.from([1])]

/** So many parameters are tried one by one; a list of a thousand in parentheses says the same a thousand times. */
const maxTried = 32

export interface Trial<T> {
  /** What the statement became, for each of the values that it takes. */
  readonly made: readonly T[]
  /** Why it becomes nothing, whatever its parameters are; null where it does. */
  readonly error: unknown
}

/**
 * Looks for values with which a statement translates. A value that fits no column of the statement is no reason
 * against it, so each parameter gets one that it takes before the others are tried.
 * @param make throws for values that it does not take
 */
export function tryValues<T>(
  statement: Statement,
  make: (args: readonly unknown[]) => T,
): Trial<T> {
  const { parameters } = statement
  const attempt = (values: readonly unknown[]): { made: T } | { error: unknown } => {
    try {
      return { made: make(argumentsOf(statement, values)) }
    } catch (error) {
      return { error }
    }
  }
  const found = start(parameters.length, attempt)
  if ('error' in found) return { made: [], error: found.error }
  const made = [found.made]
  for (const [index] of parameters.slice(0, maxTried).entries()) {
    const others = samples.filter((sample) => sample !== found.values[index])
    const answers = others.map((sample) => attempt(found.values.with(index, sample)))
    made.push(...answers.flatMap((answer) => ('made' in answer ? [answer.made] : [])))
  }
  return { made, error: null }
}

type Attempt<T> = (values: readonly unknown[]) => { made: T } | { error: unknown }

/**
 * The same value for all parameters, else the one of each that brings the statement further: the first refusal of a
 * value names no parameter, so one after the other is changed while the rest is NULL, which most places take.
 */
function start<T>(
  count: number,
  attempt: Attempt<T>,
): { made: T; values: readonly unknown[] } | { error: unknown } {
  let first: unknown
  for (const sample of count === 0 ? [null] : samples) {
    const values: unknown[] = Array.from({ length: count }, () => sample)
    const answer = attempt(values)
    if ('made' in answer) return { made: answer.made, values }
    first ??= answer.error
  }
  return count > maxTried ? { error: first } : (mixed(count, attempt) ?? { error: first })
}

/** A limit takes no NULL where a column beside it takes nothing else. */
function mixed<T>(
  count: number,
  attempt: Attempt<T>,
): { made: T; values: readonly unknown[] } | undefined {
  for (let index = 0; index < count; index++) {
    for (const rest of samples) {
      for (const sample of samples) {
        const values = Array.from({ length: count }, (_, each) => (each === index ? sample : rest))
        const answer = attempt(values)
        if ('made' in answer) return { made: answer.made, values }
      }
    }
  }
  return undefined
}

/** By SQLite's rules: those with a name in one object, the others in a list. */
function argumentsOf({ parameters }: Statement, values: readonly unknown[]): unknown[] {
  const named = parameters.flatMap(({ name }, index) =>
    name === null ? [] : [[name, values[index]] as const],
  )
  const rest = values.filter((_, index) => parameters[index]?.name === null)
  return [
    ...(rest.length > 0 ? [rest] : []),
    ...(named.length > 0 ? [Object.fromEntries(named)] : []),
  ]
}

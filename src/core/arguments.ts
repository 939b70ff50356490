import { describeValue, isRecord } from './record.ts'
import { didYouMeanOneOf } from './suggest.ts'

/** What is wrong with the value of an option, as the end of `OPTION must be ...`, or null. */
export type Check = (value: unknown) => string | null

/**
 * Checks the options of one call, key by key. What is undefined counts as not given.
 *
 * @throws TypeError that names the call and the option
 */
export function checkOptions(
  call: string,
  raw: unknown,
  checks: Readonly<Record<string, Check>>,
  required: readonly string[] = [],
): void {
  const given = raw === undefined ? {} : raw
  if (!isRecord(given))
    throw new TypeError(
      `Expected the options of ${call} to be an object, not ${describeValue(raw)}. Its options are ${Object.keys(checks).join(', ')}`,
    )
  for (const key of [...Object.keys(given), ...required]) {
    const value = given[key]
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    if (check === undefined)
      throw new TypeError(
        `${key} is not an option of ${call}.${didYouMeanOneOf(key, Object.keys(checks))}`,
      )
    const problem = value === undefined && !required.includes(key) ? null : check(value)
    if (problem !== null)
      throw new TypeError(`${key} of ${call} must be ${problem}, not ${describeValue(value)}`)
  }
}

/** https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison: blanks around are allowed. */
const NUMBER = /^[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/

/** What can stand in no number: another character than those of one, or one of those in a wrong place. */
const STRANGE = /[^\d.eE+\-\t-\r ]|[\d.][+-]|\..*\.|[eE].*[.eE]/

/** No text that has this in it is a number. */
export function isNoPartOfNumber(text: string): boolean {
  return STRANGE.test(text)
}

/**
 * What NUMERIC affinity makes of a text: a bigint where the number is integral and has 64 bits, a number where it
 * is another one, undefined where it stays a text.
 */
export function numberOfText(text: string): bigint | number | undefined {
  const [, digits] = NUMBER.exec(text) ?? []
  if (digits === undefined) return undefined
  if (/^[+-]?\d+$/.test(digits)) {
    const value = BigInt(digits.replace(/^\+/, ''))
    return BigInt.asIntN(64, value) === value ? value : Number(digits)
  }
  const value = Number(digits)
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : value
}

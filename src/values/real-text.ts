/**
 * The shortest text that PostgreSQL reads back as the same double, negative zero and the infinities
 * included. NaN is not a value of SQLite and must not come here.
 */
export function realText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * The same number as PostgreSQL itself writes it: with an exponent, of two digits at least, from 1e15 on and
 * below 0.0001.
 */
export function serverRealText(value: number): string {
  const magnitude = Math.abs(value)
  if (!Number.isFinite(value) || value === 0 || (magnitude >= 1e-4 && magnitude < 1e15))
    return realText(value)
  const [digits, exponent = ''] = value.toExponential().split('e')
  return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`
}

/** From here on a double is a whole number, and not every INTEGER is a double. */
const firstWhole = 2 ** 53

/**
 * A finite real in positional notation, always with a decimal point: `5.0`, `0.00001`. PostgreSQL's
 * numeric keeps the digits after the point as written, so the point tells a REAL from an INTEGER. They sort as the
 * values do, INTEGERs of 64 bits between them: the shortest digits of a REAL are on its side of every whole number,
 * and where they would stand for a neighbouring INTEGER, it has all of its digits.
 */
export function positionalText(value: number): string {
  if (Math.abs(value) >= firstWhole && Number.isFinite(value)) return `${BigInt(value)}.0`
  const text = realText(value)
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)
  if (match === null) throw new RangeError('a finite number is needed')
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const cut = Math.max(point, 1)
  return `${sign}${padded.slice(0, cut)}.${padded.slice(cut) || '0'}`
}

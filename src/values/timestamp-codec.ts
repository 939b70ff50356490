import type { TimestampType, Value } from './value.ts'

/** The moments from the years 1 to 9999, which SQLite's texts and PostgreSQL's ISO form both write in four digits. */
const firstSecond = -62_135_596_800n
const lastSecond = 253_402_300_799n

/** How one form of moments is written on SQLite, and how many of them a second has. */
export interface TimestampForm {
  readonly perSecond: bigint
  /** Moments since 1970 in units of the form; undefined where the value has not exactly this form. */
  read(value: Value): bigint | undefined
  write(moment: bigint): Value
}

const dateTime = /^(\d{4}-\d\d-\d\d)([ T])(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z?)$/

/** `2024-05-06 07:08:09`, as CURRENT_TIMESTAMP gives it, with a fraction only where there is one. */
const plain: TimestampForm = {
  perSecond: 1_000_000n,
  read(value) {
    const [, date, between, time, fraction = '', zone] = parts(value)
    if (date === undefined || between !== ' ' || zone !== '' || fraction.endsWith('0')) {
      return undefined
    }
    return momentOf(`${date}T${time}`, fraction, 6)
  },
  write(moment) {
    const [date, time, fraction] = digitsOf(moment, 6)
    const rest = fraction.replace(/0+$/, '')
    return `${date} ${time}${rest === '' ? '' : `.${rest}`}`
  },
}

/** `2024-05-06T07:08:09.123Z`, as JavaScript's `toISOString` writes it. */
const iso: TimestampForm = {
  perSecond: 1000n,
  read(value) {
    const [, date, between, time, fraction, zone] = parts(value)
    if (date === undefined || between !== 'T' || zone !== 'Z') return undefined
    return fraction?.length === 3 ? momentOf(`${date}T${time}`, fraction, 3) : undefined
  },
  write(moment) {
    const [date, time, fraction] = digitsOf(moment, 3)
    return `${date}T${time}.${fraction}Z`
  },
}

/** Whole units since 1970, as INTEGER. */
function counted(perSecond: bigint): TimestampForm {
  return {
    perSecond,
    read(value) {
      if (typeof value !== 'bigint') return undefined
      const { first, count } = momentRange(this)
      return value >= first && value < first + count ? value : undefined
    },
    write: (moment) => moment,
  }
}

const forms: Readonly<Record<TimestampType, TimestampForm>> = {
  timestamptz: plain,
  'timestamptz(iso)': iso,
  'timestamptz(seconds)': counted(1n),
  'timestamptz(milliseconds)': counted(1000n),
}

export function timestampForm(type: TimestampType): TimestampForm {
  return forms[type]
}

/** The first moment of the form, and how many there are. */
export function momentRange({ perSecond }: TimestampForm): { first: bigint; count: bigint } {
  return {
    first: firstSecond * perSecond,
    count: (lastSecond + 1n - firstSecond) * perSecond,
  }
}

/** PostgreSQL's text input form, which no setting of a session changes. */
export function serverMoment(moment: bigint, { perSecond }: TimestampForm): string {
  const digits = String(perSecond).length - 1
  const [date, time, fraction] = digitsOf(moment, digits)
  return `${date} ${time}${digits === 0 ? '' : `.${fraction}`}+00`
}

/** PostgreSQL's text output (`DateStyle` ISO, `TimeZone` UTC); undefined where it is beyond the years 1 to 9999. */
export function momentOfServer(text: string, { perSecond }: TimestampForm): bigint | undefined {
  const [, date, , time, fraction = ''] = parts(text.replace(/\+00$/, ''))
  return date === undefined
    ? undefined
    : momentOf(`${date}T${time}`, fraction, String(perSecond).length - 1)
}

function parts(value: Value): readonly (string | undefined)[] {
  return (typeof value === 'string' ? dateTime.exec(value) : null) ?? []
}

/** Undefined for a day that no calendar has. */
function momentOf(seconds: string, fraction: string, digits: number): bigint | undefined {
  const time = Date.parse(`${seconds}Z`)
  if (Number.isNaN(time) || seconds.startsWith('0000')) return undefined
  // A 30th of February would become the 1st of March, and 24:00 the next day.
  if (new Date(time).getUTCDate() !== Number(seconds.slice(8, 10))) return undefined
  const units = BigInt(fraction.padEnd(digits, '0').slice(0, digits) || '0')
  return (BigInt(time) / 1000n) * 10n ** BigInt(digits) + units
}

function digitsOf(moment: bigint, digits: number): [date: string, time: string, fraction: string] {
  const perSecond = 10n ** BigInt(digits)
  const rest = ((moment % perSecond) + perSecond) % perSecond
  const text = new Date(Number((moment - rest) / perSecond) * 1000).toISOString()
  return [text.slice(0, 10), text.slice(11, 19), String(rest).padStart(digits, '0')]
}

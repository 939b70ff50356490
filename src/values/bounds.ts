import { compareValues } from './compare.ts'
import { momentRange, serverMoment, timestampForm } from './timestamp-codec.ts'
import type { TimestampType, Value } from './value.ts'

/** The types whose values sort on PostgreSQL as their form does on SQLite, and can be counted. */
export type CountedType = 'date' | 'uuid' | TimestampType

/** All values of a form in their order, which is that of both places. */
interface Scale {
  readonly count: bigint
  at(index: bigint): Value
  /** The place of a value that has the form, else undefined. */
  indexOf(value: Value): bigint | undefined
  server(index: bigint): string
  /** What is greater than every value of the form, or the last of them where the type has no such value. */
  readonly beyond: string
}

/**
 * The bound that stands on PostgreSQL for any value of SQLite: the first value of the form that is not below it, or
 * with `after` the first above it. So `x < value` is `x < bound`, and `x > value` is `x >= bound` with `after`,
 * also for values that have not the form: `'2024'` lies between two timestamps. Beyond the last is `infinity`; of
 * a uuid, which has no infinity, it is the last itself.
 */
export function boundOf(type: CountedType, value: Value, after: boolean): string {
  const scale = scaleOf(type)
  const found = scale.indexOf(value) ?? search(scale, value)
  const isAt = after && found < scale.count && compareValues(scale.at(found), value) === 0
  const index = isAt ? found + 1n : found
  return index < scale.count ? scale.server(index) : scale.beyond
}

/** The first value that is not below; the number of values where all are. */
function search(scale: Scale, value: Value): bigint {
  let [low, high] = [0n, scale.count]
  while (low < high) {
    const middle = (low + high) / 2n
    if (compareValues(scale.at(middle), value) < 0) low = middle + 1n
    else high = middle
  }
  return low
}

function scaleOf(type: CountedType): Scale {
  if (type === 'date') return days
  if (type === 'uuid') return uuids
  const form = timestampForm(type)
  const { first, count } = momentRange(form)
  return {
    count,
    at: (index) => form.write(first + index),
    indexOf(value) {
      const moment = form.read(value)
      return moment === undefined ? undefined : moment - first
    },
    server: (index) => serverMoment(first + index, form),
    beyond: 'infinity',
  }
}

const firstDay = Date.parse('0001-01-01T00:00:00Z')
const dayMs = 86_400_000

function dayAt(index: bigint): string {
  return new Date(firstDay + Number(index) * dayMs).toISOString().slice(0, 10)
}

const days: Scale = {
  count: BigInt((Date.parse('9999-12-31T00:00:00Z') - firstDay) / dayMs + 1),
  at: dayAt,
  indexOf(value) {
    if (typeof value !== 'string' || !/^(?!0000)\d{4}-\d\d-\d\d$/.test(value)) return undefined
    const time = Date.parse(`${value}T00:00:00Z`)
    const index = Number.isNaN(time) ? 0n : BigInt((time - firstDay) / dayMs)
    // A 30th of February would be found in March.
    return dayAt(index) === value ? index : undefined
  },
  server: dayAt,
  beyond: 'infinity',
}

function uuidAt(index: bigint): string {
  const digits = index.toString(16).padStart(32, '0')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const uuids: Scale = {
  count: 2n ** 128n,
  at: uuidAt,
  indexOf(value) {
    const digits = typeof value === 'string' ? value.replaceAll('-', '') : ''
    const index = /^[\da-f]{32}$/.test(digits) ? BigInt(`0x${digits}`) : 0n
    return uuidAt(index) === value ? index : undefined
  },
  server: uuidAt,
  beyond: uuidAt(2n ** 128n - 1n),
}

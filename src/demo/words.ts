import type { Random } from './random.ts'

const firstNames = [
  'Ada',
  'Björn',
  'Chloé',
  'Đorđe',
  'Ewa',
  'Farid',
  '花子',
  'Íñigo',
  'Jürgen',
  'Мария',
  'Nguyễn',
  "O'Neil",
  'Zoë',
  'علي',
  '👩‍🚀 Sam',
]
const lastNames = [
  'Lovelace',
  'Åström',
  'Dupont',
  'Nowak',
  'Müller',
  'García-Marín',
  '山田',
  'Иванова',
  'Smith',
  'van der Berg',
  'Müller 🎻',
]
const cities = [
  'Kraków',
  'São Paulo',
  'Zürich',
  'Reykjavík',
  '東京',
  'Springfield',
  'Łódź',
  'Saint-Étienne',
]
const streets = [
  'Main Street',
  'Rue de l’Église',
  'Calle Mayor',
  'Bahnhofstraße',
  'Kirkegata',
  '中央通り',
]
const things = [
  'lamp',
  'kettle',
  'notebook',
  'cable',
  'mug',
  'chair',
  'tent',
  'compass',
  'guitar',
  'kite',
]
const kinds = [
  'red',
  'small',
  'folding',
  'second-hand',
  'organic',
  'left-handed',
  '“classic”',
  'wireless',
  '🌈 rainbow',
]

export function personName(random: Random): string {
  return `${random.pick(firstNames)} ${random.pick(lastNames)}`
}

export function streetAddress(random: Random): string {
  return `${random.pick(streets)} ${random.integer(1, 400)}`
}

export function cityName(random: Random): string {
  return random.pick(cities)
}

export function productTitle(random: Random): string {
  return `${random.pick(kinds)} ${random.pick(things)}`
}

export function tagName(random: Random): string {
  return random.pick(kinds)
}

/** Text as SQLite applications keep dates: sortable, in UTC, to the second. */
export function dateText(random: Random): string {
  const first = Date.UTC(2015, 0, 1)
  const moment = new Date(
    first + random.integer(0, 3_900) * 86_400_000 + random.integer(0, 86_399) * 1_000,
  )
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

/** RFC 9562, version 4, from the seeded stream. */
export function uuid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** An integer that a double cannot hold. */
export function largeInteger(random: Random): bigint {
  return (
    2n ** 53n + 1n + BigInt(random.integer(0, 2 ** 31)) * BigInt(random.integer(1, 2 ** 30)) * 2n
  )
}

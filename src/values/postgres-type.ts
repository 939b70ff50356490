import type { FaithfulType, PostgresType, UpgradedType } from './value.ts'

export const faithfulTypes: readonly FaithfulType[] = [
  'bigint',
  'double precision',
  'numeric',
  'text',
  'bytea',
]

/** All that have no figures of their own; `numeric(p,s)` comes besides. */
const upgradedTypes: readonly UpgradedType[] = [
  'boolean',
  'date',
  'timestamptz',
  'timestamptz(iso)',
  'timestamptz(seconds)',
  'timestamptz(milliseconds)',
  'uuid',
  'json',
  'jsonb',
]

/** As a message lists them. */
export const typeNames: readonly string[] = [...faithfulTypes, ...upgradedTypes, 'numeric(p,s)']

/** A REAL has 15 digits that are sure to come back, so that each decimal of as many is one REAL. */
const MAX_DIGITS = 15

/** A type as a configuration writes it, or undefined for any other text. */
export function parsePostgresType(text: string): PostgresType | undefined {
  const found = [...faithfulTypes, ...upgradedTypes].find((type) => type === text)
  if (found !== undefined) return found
  const [precision, scale] = decimalOf(text) ?? []
  if (precision === undefined || scale === undefined) return undefined
  const fits = precision >= 1 && precision <= MAX_DIGITS && scale <= precision
  return fits ? `numeric(${precision},${scale})` : undefined
}

/** Precision and scale of `numeric(p,s)`. */
export function decimalOf(type: string): readonly [precision: number, scale: number] | undefined {
  const [, precision, scale] = /^numeric\((\d+), *(\d+)\)$/.exec(type) ?? []
  return precision === undefined ? undefined : [Number(precision), Number(scale)]
}

export function isUpgraded(type: PostgresType): type is UpgradedType {
  return !faithfulTypes.some((faithful) => faithful === type)
}

/**
 * The type as PostgreSQL has it. A timestamptz has the precision of its form, so that no value which PostgreSQL
 * computes lies between two of SQLite's.
 */
export function serverType(type: PostgresType): string {
  switch (type) {
    case 'timestamptz':
      return 'timestamptz(6)'
    case 'timestamptz(iso)':
    case 'timestamptz(milliseconds)':
      return 'timestamptz(3)'
    case 'timestamptz(seconds)':
      return 'timestamptz(0)'
    default:
      return type
  }
}

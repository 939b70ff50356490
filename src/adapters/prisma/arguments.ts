import type { ArgScalarType, SqlQuery } from '@prisma/driver-adapter-utils'

/** How instants are written: as text, as Prisma's own migrations expect them, or as milliseconds since 1970. */
export type TimestampFormat = 'iso8601' | 'unixepoch-ms'

/** Prisma writes what JSON has no form of as text, and says what it is of. */
const fromText: Partial<Record<ArgScalarType, (text: string) => unknown>> = {
  int: Number.parseInt,
  bigint: BigInt,
  float: Number.parseFloat,
  decimal: Number.parseFloat,
  datetime: (text) => new Date(text),
  bytes: (text) => Buffer.from(text, 'base64'),
}

/** What is bound for the arguments of a query, as Prisma's adapter for better-sqlite3 binds it. */
export function boundArguments({ args, argTypes }: SqlQuery, format: TimestampFormat): unknown[] {
  return args.map((arg, index) => {
    const type = argTypes[index]?.scalarType ?? 'unknown'
    const value = typeof arg === 'string' ? (fromText[type]?.(arg) ?? arg) : arg
    if (typeof value === 'boolean') return value ? 1 : 0
    if (value instanceof Date) return writtenAs(format, value)
    return value
  })
}

function writtenAs(format: TimestampFormat, instant: Date): number | string {
  return format === 'unixepoch-ms'
    ? instant.getTime()
    : instant.toISOString().replace('Z', '+00:00')
}

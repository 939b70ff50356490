import { applyNumericAffinity, isNumericAffinity } from '../../values/affinity.ts'
import { codecFor, Unencodable } from '../../values/codec.ts'
import { decimalOf, serverType } from '../../values/postgres-type.ts'
import type { UpgradedType, Value } from '../../values/value.ts'
import type { RelationColumn } from '../catalog.ts'
import { quoteText } from '../quote.ts'
import { toDynamic, toText } from './convert.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { nativeOf } from './native.ts'
import { misfit, placeOf } from './store-place.ts'

/** A value for a column of an idiomatic type: what it does not give back as it is is an error. */
export function storeUpgraded(
  value: TypedExpression,
  column: RelationColumn,
  type: UpgradedType,
  offset: number,
  emitter: Emitter,
): string {
  const own = nativeOf(value)
  if (own?.type === type && own.column.affinity === column.affinity) return own.sql
  const refused = (): Error => misfit(column, offset, emitter)
  const constant = constantOf(value, column, type)
  if (constant !== undefined) {
    if (constant === null) throw refused()
    return `${quoteText(constant)}::${serverType(type)}`
  }
  if (value.type === 'blob') throw refused()
  const place = placeOf(column)
  switch (type) {
    case 'boolean':
      return `sqlite.store_boolean(${integer(value, place, column)}, ${place})`
    case 'timestamptz(seconds)':
      return `sqlite.store_epoch(${integer(value, place, column)}, 1, ${place})`
    case 'timestamptz(milliseconds)':
      return `sqlite.store_epoch(${integer(value, place, column)}, 1000, ${place})`
    case 'date':
      return `sqlite.store_date(${text(value, place, column, refused)}, ${place})`
    case 'timestamptz':
      return `sqlite.store_moment(${text(value, place, column, refused)}, FALSE, ${place})`
    case 'timestamptz(iso)':
      return `sqlite.store_moment(${text(value, place, column, refused)}, TRUE, ${place})`
    case 'uuid':
      return `sqlite.store_uuid(${text(value, place, column, refused)}, ${place})`
    case 'json':
    case 'jsonb': {
      const isNumber = isNumericAffinity(column.affinity) ? 'TRUE' : 'FALSE'
      return `sqlite.store_${type}(${text(value, place, column, refused)}, ${isNumber}, ${place})`
    }
    default: {
      const [precision, scale] = decimalOf(type) ?? [0, 0]
      const number = `sqlite.store_numeric(${toDynamic(value)}, ${place})`
      return `sqlite.store_decimal(${number}, ${precision}, ${scale}, ${place})`
    }
  }
}

/** What PostgreSQL reads for a literal; null where the column cannot hold it, undefined where it is none. */
function constantOf(
  { literal }: TypedExpression,
  { affinity }: RelationColumn,
  postgresType: UpgradedType,
): string | null | undefined {
  if (literal === undefined || literal === null) return undefined
  // The text of a REAL is left to the server.
  if (typeof literal === 'number' && affinity === 'text') return undefined
  const kept: Value =
    affinity === 'text' && typeof literal === 'bigint'
      ? String(literal)
      : applyNumericAffinity(literal, affinity)
  const encoded = codecFor({ postgresType, affinity }).encode(kept)
  return encoded instanceof Unencodable ? null : encoded
}

/** A column without an affinity keeps the class, which must be that of an INTEGER. */
function integer(value: TypedExpression, place: string, { affinity }: RelationColumn): string {
  if (value.type === 'integer') return value.sql
  return affinity === 'blob'
    ? `sqlite.store_plain_integer(${toDynamic(value)}, ${place})`
    : `sqlite.store_integer(${toDynamic(value)}, ${place})`
}

/** The text that the column keeps; without TEXT affinity a number stays one, which has no such form. */
function text(
  value: TypedExpression,
  place: string,
  { affinity }: RelationColumn,
  refused: () => Error,
): string {
  if (value.type === 'text') return value.sql
  if (value.type === 'dynamic') {
    return `sqlite.store_${affinity === 'text' ? 'text' : 'plain_text'}(${value.sql}, ${place})`
  }
  if (affinity !== 'text') throw refused()
  return toText(value)
}

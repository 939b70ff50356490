import type { PostgresType } from '../../values/value.ts'
import type { RelationColumn } from '../catalog.ts'
import { quoteText } from '../quote.ts'
import type { Emitter } from './emitter.ts'

/** The error for a value that the column can hold in no row, with its place in the text. */
export function misfit(column: RelationColumn, offset: number, emitter: Emitter): Error {
  return emitter.unsupported(
    `A value of this class in column "${column.name}", which is ${column.postgresType}`,
    offset,
    'Store what the column holds, or give it another type in the configuration',
  )
}

/**
 * What a value that does not fit is said to be for; nothing for a rowid, of which SQLite says `datatype mismatch`. Behind
 * `STRICT` it is what SQLite says of it as well; see sqlite.misfit.
 */
export function placeOf(column: RelationColumn): string {
  const { table, name, isRowid, strictType } = column
  if (isRowid === true) return "''"
  const place = table === undefined ? name : `${table}.${name}`
  return quoteText(isStrict(column) ? `STRICT ${strictType} column ${place}` : place)
}

/** What PostgreSQL's type cannot hold is what SQLite's STRICT table does not take. */
export function isStrict({ strictType, postgresType, isRowid }: RelationColumn): boolean {
  return isRowid !== true && strictType !== undefined && strictTypes[strictType] === postgresType
}

const strictTypes: Readonly<Record<string, PostgresType>> = {
  INT: 'bigint',
  INTEGER: 'bigint',
  REAL: 'double precision',
  TEXT: 'text',
  BLOB: 'bytea',
}

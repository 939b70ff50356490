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

/** What a value that does not fit is said to be for; nothing for a rowid, of which SQLite says `datatype mismatch`. */
export function placeOf({ table, name, isRowid }: RelationColumn): string {
  if (isRowid === true) return "''"
  return quoteText(table === undefined ? name : `${table}.${name}`)
}

import type { LockstepError } from '../../core/errors.ts'
import type { Relation } from '../catalog.ts'
import { hasUnknownRowids } from '../last-insert-rowid.ts'
import { foldName } from '../quote.ts'
import type { Emitter } from './emitter.ts'

/** https://www.sqlite.org/lang_createtable.html#rowid */
export const rowidNames: ReadonlySet<string> = new Set(['rowid', 'oid', '_rowid_'])

/** What to throw where no column of the table has the name: on SQLite it may be the rowid, that PostgreSQL has not. */
export function unknownColumn(
  name: string,
  relation: Relation,
  message: string,
  offset: number,
  emitter: Emitter,
): LockstepError {
  const isRowid = rowidNames.has(foldName(name)) && hasUnknownRowids(relation)
  return isRowid ? noRowid(relation, offset, emitter) : emitter.wrong(message, offset)
}

export function noRowid({ name }: Relation, offset: number, emitter: Emitter): LockstepError {
  const construct = `The rowid of "${name}", whose key is no INTEGER PRIMARY KEY`
  return emitter.unsupported(construct, offset, 'Name its rows by their key')
}

/** Whether a folded name is one of the rowid, or of a part of the key by which a WITHOUT ROWID table is read. */
export function keyTest(relation: Relation): (name: string | null) => boolean {
  const primary = relation.uniqueKeys.find(({ isPrimary }) => isPrimary)
  const parts = relation.withoutRowid === true ? (primary?.parts ?? []) : []
  const own = [relation.rowid?.column, ...parts.map(({ column }) => column)]
  const names = new Set([...rowidNames, ...own.flatMap((name) => (name ? foldName(name) : []))])
  return (name) => name !== null && names.has(name)
}

import type { PreparedChange } from '../catalog.ts'
import { foldName } from '../quote.ts'
import type { Assignment } from './assignments.ts'
import type { Emitter } from './emitter.ts'
import type { Target } from './target.ts'

/**
 * SQLite prepares no statement that would have to look for a parent in a table that is not there, whatever the rows:
 * https://www.sqlite.org/foreignkeys.html#fk_schemacommands
 * @param assigned what an UPDATE changes: another foreign key's parent is not looked for
 */
export function requireParents(
  event: PreparedChange['event'],
  { relation, offset }: Pick<Target, 'relation' | 'offset'>,
  emitter: Emitter,
  assigned?: readonly Assignment[],
): void {
  const columns =
    assigned === undefined ? null : new Set(assigned.map(({ column }) => foldName(column.name)))
  const absent = relation.absentParent?.({ event, columns }) ?? null
  if (absent !== null) throw emitter.wrong(`no such table: main.${absent}`, offset)
}

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
  { relation, offset }: Pick<Target, 'relation' | 'offset'>,
  emitter: Emitter,
  assigned?: readonly Assignment[],
): void {
  const changed = assigned && new Set(assigned.map(({ column }) => foldName(column.name)))
  const absent = relation.absentParents?.find(
    ({ columns }) => changed === undefined || columns.some((name) => changed.has(foldName(name))),
  )
  if (absent !== undefined) throw emitter.wrong(`no such table: main.${absent.parent}`, offset)
}

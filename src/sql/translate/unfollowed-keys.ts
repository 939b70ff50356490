import { foldName } from '../quote.ts'
import type { Assignment } from './assignments.ts'
import type { Emitter } from './emitter.ts'
import type { Target } from './target.ts'

/**
 * With `PRAGMA foreign_keys = OFF` SQLite deletes and changes rows that others refer to, and leaves those alone.
 * PostgreSQL would carry it on to them: https://www.sqlite.org/pragma.html#pragma_foreign_keys
 * @param what of it is done: rows are deleted, or these columns changed
 */
export function refuseUnfollowed(
  construct: string,
  { relation, offset }: Pick<Target, 'relation' | 'offset'>,
  emitter: Emitter,
  assigned?: readonly Assignment[],
): void {
  const { columns } = relation.unfollowed ?? { columns: new Set<string>() }
  if (columns.size === 0) return
  if (assigned !== undefined && !assigned.some(({ column }) => columns.has(foldName(column.name))))
    return
  throw refused(`${construct} a table that foreign keys refer to`, offset, emitter)
}

/** What triggers write is not seen here. */
export function refuseUnfollowedByTriggers(
  { relation, offset }: Pick<Target, 'relation' | 'offset'>,
  emitter: Emitter,
): void {
  if (relation.unfollowed?.byTriggers !== true) return
  throw refused('Writing a table with triggers', offset, emitter)
}

function refused(construct: string, offset: number, emitter: Emitter): Error {
  return emitter.unsupported(
    `${construct} while PRAGMA foreign_keys is OFF`,
    offset,
    'PostgreSQL follows foreign keys all the same; switch them ON, and write children before parents go',
  )
}

import { lineColAt } from 'sqlite3-parser'
import { LockstepError } from '../../core/errors.ts'

/** What has no faithful form. @param wayOut what to do instead, a sentence without a full stop. */
export function unsupported(
  sql: string,
  construct: string,
  offset: number,
  wayOut: string,
): LockstepError {
  const { line, col } = lineColAt(sql, offset)
  const place = { line, column: col + 1 }
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `${construct} has no faithful form on PostgreSQL, at line ${place.line}, column ${place.column}. ${wayOut}`,
    { details: { construct, ...place, wayOut } },
  )
}

/** Thrown where the place in the text is not known; the emitter adds it on the way up. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly construct: string
  readonly wayOut: string

  constructor(construct: string, wayOut: string) {
    super(construct)
    this.construct = construct
    this.wayOut = wayOut
  }
}

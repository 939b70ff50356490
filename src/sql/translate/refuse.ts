import { lineColAt } from 'sqlite3-parser'
import { LockstepError } from '../../core/errors.ts'
import { parseStatements } from '../parser.ts'

/** What has no faithful form. @param wayOut what to do instead, a sentence without a full stop. */
export function unsupported(
  sql: string,
  construct: string,
  offset: number,
  wayOut: string,
  why = 'has no faithful form on PostgreSQL',
): LockstepError {
  const { line, col } = lineColAt(sql, offset)
  const place = { line, column: col + 1 }
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `${construct} ${why}, at line ${place.line}, column ${place.column}. ${wayOut}`,
    { details: { construct, ...place, wayOut } },
  )
}

/** The same of a statement as a whole, whose place is where it begins. */
export function unsupportedStatement(
  sql: string,
  construct: string,
  wayOut: string,
  why?: string,
): LockstepError {
  return unsupported(sql, construct, parseStatements(sql)[0]?.span.offset ?? 0, wayOut, why)
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

import { isLockstepError, type ErrorCode } from '../core/errors.ts'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What every refusal looks like. */
export interface ProblemBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details: Readonly<Record<string, unknown>>
  }
}

/** A refusal of this server, before anything of the library was called. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly status: ContentfulStatusCode
  readonly code: string

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Something stands in the way that may be gone later, or that the caller can do away with. */
const conflicts: readonly ErrorCode[] = [
  'BACKFILL_INCOMPLETE',
  'BACKFILL_IN_PROGRESS',
  'FLIP_CANCELLED',
  'FLIP_IN_PROGRESS',
  'GATE_REFUSED',
  'NOT_INSTALLED',
  'PAIR_MISMATCH',
  'SCHEMA_DRIFT',
]
const mistakes: readonly ErrorCode[] = ['CONFIG_INVALID', 'FLAGS_INVALID', 'TABLE_UNKNOWN']
const absences: readonly ErrorCode[] = [
  'ALIGN_TIMEOUT',
  'CAUGHT_UP_TIMEOUT',
  'CLOSED',
  'POSTGRES_UNREACHABLE',
  'SQLITE_FULL',
]

/**
 * The status and the body of a failure. Codes and messages of Lockstep hold no values; a stranger's
 * error may hold anything, so of that nothing is told.
 */
export function problemOf(error: unknown): { status: ContentfulStatusCode; body: ProblemBody } {
  if (error instanceof RequestProblem)
    return { status: error.status, body: bodyOf(error.code, error.message) }
  if (error instanceof TypeError) return { status: 400, body: bodyOf('USAGE', error.message) }
  if (!isLockstepError(error))
    return {
      status: 500,
      body: bodyOf('UNEXPECTED', 'An unexpected error; see the log of the process'),
    }
  return { status: statusOf(error.code), body: bodyOf(error.code, error.message, error.details) }
}

function statusOf(code: ErrorCode): ContentfulStatusCode {
  if (mistakes.includes(code)) return 400
  if (conflicts.includes(code)) return 409
  return absences.includes(code) || code.startsWith('SQLITE_BUSY') ? 503 : 500
}

function bodyOf(
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): ProblemBody {
  return { error: { code, message, details } }
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { LockstepError } from '../core/errors.ts'

/** A reader sees figures; an operator also changes things, and may ask for keys and values of rows. */
export type Role = 'reader' | 'operator'

/** Who sends a request, or null. */
export type Authorize = (request: Request) => Role | null | Promise<Role | null>

/** What an `Authorization: Bearer` header must hold, for each role that is given out. */
export interface Tokens {
  readonly operator?: string | undefined
  readonly reader?: string | undefined
}

/** Shorter ones could be guessed within the rate limit. */
const minLength = 16

/**
 * Compares tokens in a time that tells nothing of them: both sides are hashed with a key of this process,
 * and every known token is compared whatever the first comparison says.
 *
 * @throws LockstepError CONFIG_INVALID for a token that is short, or the same for both roles
 */
export function createTokenCheck({ operator, reader }: Tokens): Authorize {
  const key = randomBytes(32)
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const known = (
    [
      ['operator', operator],
      ['reader', reader],
    ] as const
  ).flatMap(([role, token]) =>
    token === undefined ? [] : [{ role, digest: digest(checked(role, token)) }],
  )
  if (operator !== undefined && operator === reader)
    throw new LockstepError('CONFIG_INVALID', 'The tokens of operator and reader must differ')
  return (request) => {
    const given = digest(bearerOf(request))
    const equal = known.filter((one) => timingSafeEqual(one.digest, given))
    return equal[0]?.role ?? null
  }
}

export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

function checked(role: Role, token: string): string {
  if (token.length >= minLength && /^[\x21-\x7e]+$/.test(token)) return token
  throw new LockstepError(
    'CONFIG_INVALID',
    `The ${role} token must have at least ${minLength} characters, all of them printable ASCII without spaces`,
  )
}

/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1; the empty text is no token. */
function bearerOf(request: Request): string {
  const [, token = ''] =
    /^bearer ([\x21-\x7e]+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  return token
}

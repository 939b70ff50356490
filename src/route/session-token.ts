import { createHmac, timingSafeEqual } from 'node:crypto'
import type { PlaceName } from '../place/place.ts'

/** How far the secondary must have come to have the writes of a session, while the primary is where it was then. */
export interface Carried {
  readonly primary: PlaceName
  readonly position: bigint
}

/** Of both places, as they are now. */
export interface TokenFacts {
  readonly epoch: number
  readonly primary: PlaceName
  /** Known without asking a server on SQLite alone; null on PostgreSQL. */
  readonly position: bigint | null
  /** Shared by the processes of the application, and by nobody else. */
  readonly secret: string
}

/** No token is longer; what is, was made by somebody else. */
export const maxTokenLength = 128

const macBytes = 16

/** A token as text that goes into a cookie: it holds neither keys nor values. */
export function issueToken({ epoch, position, secret }: TokenFacts): string {
  const text = Buffer.from(`${epoch.toString(36)}.${position?.toString(36) ?? ''}`)
  return Buffer.concat([macOf(text, secret), text]).toString('base64url')
}

/**
 * What a token of `issueToken` says, or null where that is nothing certain: it is of another epoch, of another migration, or
 * was changed on its way. Whoever reads null waits for everything that is committed.
 */
export function readToken(token: string, { epoch, primary, secret }: TokenFacts): Carried | null {
  if (token.length > maxTokenLength) return null
  const bytes = Buffer.from(token, 'base64url')
  const [mac, text] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)]
  if (mac.length < macBytes || !timingSafeEqual(mac, macOf(text, secret))) return null
  const [of = '', position = ''] = text.toString().split('.')
  if (position === '' || Number.parseInt(of, 36) !== epoch) return null
  return { primary, position: fromBase36(position) }
}

function macOf(text: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(text).digest().subarray(0, macBytes)
}

function fromBase36(digits: string): bigint {
  let value = 0n
  for (const digit of digits) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}

import type { PlaceName } from '../place/place.ts'

/** Sees how one statement of the application runs. It must cost next to nothing: every call comes by. */
export interface StatementRecord {
  /** A call begins; gives what `ended` wants back. */
  begin(): number
  ended(place: PlaceName, begun: number, answer: unknown): void
  /** The statement failed on the place, with an error's code. */
  failed(place: PlaceName, code: string): void
}

/** Keeps nothing. */
export const noRecord: StatementRecord = {
  begin: () => 0,
  ended: () => undefined,
  failed: () => undefined,
}

import type { PlaceName } from '../place/place.ts'

/** Sees how one statement of the application runs. It must cost next to nothing: every call comes by. */
export interface StatementRecord {
  /** Counts a call with its arguments; gives what `ended` wants back. */
  begin(args: readonly unknown[]): number
  /** The same for a further try of the same call, which counts no more. */
  again(): number
  ended(place: PlaceName, begun: number, answer: unknown): void
  /** A session has called it so often. */
  repeated(times: number): void
}

/** Keeps nothing. */
export const noRecord: StatementRecord = {
  begin: () => 0,
  again: () => 0,
  ended: () => undefined,
  repeated: () => undefined,
}

/** Counts a call of a statement, until the answer is there, and hands the answer on. */
export async function recorded<T>(
  record: StatementRecord,
  place: PlaceName,
  work: () => Promise<T>,
): Promise<T> {
  const begun = record.again()
  const answer = await work()
  record.ended(place, begun, answer)
  return answer
}

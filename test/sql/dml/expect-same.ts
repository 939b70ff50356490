import { expect } from 'vitest'
import type { Places, Statement } from './places.ts'

/** Each statement answers the same on both places and leaves the same rows in every table. */
export async function expectSame(places: Places, ...statements: Statement[]): Promise<void> {
  const { sqlite, postgres } = await places.outcomes(statements)
  expect(postgres).toEqual(sqlite)
}

/** The last statement is refused, before it does anything, and the ones before it are the same. */
export async function expectRefused(
  places: Places,
  reason: RegExp,
  ...statements: Statement[]
): Promise<void> {
  const { sqlite, postgres } = await places.outcomes(statements)
  expect(postgres.slice(0, -1)).toEqual(sqlite.slice(0, -1))
  expect(postgres.at(-1)?.answer).toEqual({
    error: 'SQL_UNSUPPORTED',
    message: expect.stringMatching(reason) as string,
  })
}

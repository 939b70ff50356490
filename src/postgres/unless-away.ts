import { isShutOut, stateOf } from './errors.ts'

/** An operator needs the rest of the answer most when PostgreSQL is away, or shuts it out. */
export async function unlessAway<T, U>(figure: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await figure
  } catch (error) {
    // `install` has not come to PostgreSQL yet, or the database was made anew.
    const isMissing = stateOf(error) === '42P01' || stateOf(error) === '3F000'
    if (isShutOut(error) || isMissing) return otherwise
    throw error
  }
}

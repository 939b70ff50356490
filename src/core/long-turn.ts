import { yieldToEventLoop } from './wait.ts'

/** For how long calls that are answered at once may follow each other in one turn of the event loop. */
const longestMs = 5
/** How many calls are let through before the clock is looked at: what makes single calls pays for none of this. */
const freeCalls = 64

let calls = 0
let since = 0

/**
 * Whether this turn of the event loop has become long; counts a call. SQLite answers at once, and a promise that is
 * settled goes on in the same turn: timers and sockets of the whole process would wait for as long as anybody goes on
 * asking in a loop.
 */
export function isLongTurn(): boolean {
  calls++
  if (calls < freeCalls) return false
  if (calls === freeCalls) {
    since = performance.now()
    void yieldToEventLoop().then(() => (calls = 0))
  }
  return performance.now() - since > longestMs
}

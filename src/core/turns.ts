/**
 * Does pieces of work in the order in which they come, one in a turn of the event loop: however many come at once,
 * sockets and timers of others have their turn in between. What waits is the caller's to bound.
 */
export function createTurns(): (work: () => void) => void {
  const waiting: (() => void)[] = []
  const next = (): void => {
    try {
      waiting[0]?.()
    } finally {
      // One that throws is told as anything else that does, and keeps nobody else from a turn.
      waiting.shift()
      if (waiting.length > 0) setImmediate(next)
    }
  }
  return (work) => {
    if (waiting.push(work) === 1) setImmediate(next)
  }
}

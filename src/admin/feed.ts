import type { Lockstep, LockstepEvents, Status } from '../api.ts'
import { isLockstepError } from '../core/errors.ts'
import { sleep } from '../core/wait.ts'
import { EventLog } from './event-log.ts'
import { createEventStreams, type EventStreams } from './event-stream.ts'

/** How often a status goes out while somebody listens. */
const statusMs = 1000
/** For so long an answer of `status` serves everybody who asks: it costs PostgreSQL a query. */
const freshMs = 250

/** What may come with every statement of the application: one in a while is told, and the status has the counts. */
const noisy: ReadonlySet<string> = new Set(['degraded', 'fallback', 'error', 'quarantine'])
const noisyMs = 250

/** What the server tells by itself. */
export interface Feed {
  readonly log: EventLog
  readonly streams: EventStreams
  /** The newest status; callers that come together share one. */
  readonly status: () => Promise<Status>
}

export function createFeed(db: Lockstep): Feed {
  const log = new EventLog()
  const status = shared(() => db.status(), freshMs)
  let isTicking = false
  const tick = async (): Promise<void> => {
    if (isTicking) return
    isTicking = true
    try {
      while (streams.open > 0) {
        const newest = await status().catch((error: unknown) => ({ error: toldOf(error) }))
        log.setStatus(newest)
        await sleep(statusMs)
      }
    } finally {
      isTicking = false
    }
  }
  const streams = createEventStreams(log, () => setImmediate(() => void tick()))
  for (const [event, tell] of Object.entries(telling)) {
    const isDue = noisy.has(event) ? createPace(noisyMs) : () => true
    db.on(event as keyof LockstepEvents, (data) => {
      if (isDue()) log.push(event, tell(data as never))
    })
  }
  return { log, streams, status }
}

type Telling = {
  readonly [E in keyof LockstepEvents]: (data: LockstepEvents[E]) => object
}

const whole = (data: object): object => data

/** What of each event goes out: neither keys of rows nor statements, which may hold values. */
const telling: Telling = {
  quarantine: ({ table, column, reason }) => ({ table, column, reason }),
  divergence: ({ table, class: kind }) => ({ table, class: kind }),
  'hook-failed': ({ hook }) => ({ hook }),
  error: ({ error }) => toldOf(error),
  flip: whole,
  'flip-cancelled': whole,
  degraded: whole,
  drift: whole,
  breaker: whole,
  leader: whole,
  flags: whole,
  'flags-refused': whole,
  'flags-unmet': whole,
  finding: ({ code, table, message }) => ({ code, table, message }),
  fallback: whole,
  autopilot: whole,
}

function toldOf(error: unknown): { code: string; message: string } {
  return isLockstepError(error)
    ? { code: error.code, message: error.message }
    : { code: 'UNEXPECTED', message: 'An unexpected error; see the log of the process' }
}

/** True at most once in `ms`. */
function createPace(ms: number): () => boolean {
  let nextMs = 0
  return () => {
    const now = performance.now()
    if (now < nextMs) return false
    nextMs = now + ms
    return true
  }
}

/** One call at a time, whose answer serves everybody for `ms`. */
function shared<T>(call: () => Promise<T>, ms: number): () => Promise<T> {
  let answer: Promise<T> | undefined
  let untilMs = 0
  return () => {
    if (answer !== undefined && performance.now() < untilMs) return answer
    const asked = call()
    answer = asked
    // Until it is there nobody asks again, however long it takes.
    untilMs = Infinity
    const settle = (): void => {
      untilMs = performance.now() + ms
    }
    asked.then(settle, settle)
    return asked
  }
}

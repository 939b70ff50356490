import type { EventLog } from './event-log.ts'
import { RequestProblem } from './problem.ts'

/** A server has so many streams at the most; the next one is refused. */
export const maxStreams = 64
/** A comment keeps proxies from closing a stream on which nothing happens. */
const heartbeatMs = 15_000
/** A listener that takes nothing for so long has its stream closed. */
const stalledMs = 60_000

/** Streams of one server, over the events of one log. */
export interface EventStreams {
  /** How many are open. */
  readonly open: number
  /** @throws RequestProblem 503 beyond `maxStreams` */
  create(lastEventId: string | undefined, signal: AbortSignal): Response
}

export function createEventStreams(log: EventLog, onOpen: () => void): EventStreams {
  let open = 0
  return {
    get open() {
      return open
    },
    create(lastEventId, signal) {
      if (open >= maxStreams)
        throw new RequestProblem(503, 'TOO_MANY_STREAMS', `${maxStreams} streams are open already`)
      open++
      onOpen()
      const body = streamOf(log, { after: startOf(log, lastEventId), signal }, () => open--)
      const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
      return new Response(body, { headers })
    },
  }
}

/** Where a listener was when it lost its connection; a new one begins with what comes. */
function startOf(log: EventLog, lastEventId: string | undefined): number {
  const id = Number(lastEventId)
  return /^\d{1,15}$/.test(lastEventId ?? '') && id <= log.last ? id : log.last
}

/** Nothing is written before the listener takes it: backpressure is the stream's own. */
function streamOf(
  log: EventLog,
  from: { after: number; signal: AbortSignal },
  closed: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const end = new AbortController()
  const signal = AbortSignal.any([from.signal, end.signal])
  let { after } = from
  let status = 0
  let stalled: NodeJS.Timeout | undefined
  let isClosed = false
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    clearTimeout(stalled)
    end.abort()
    closed()
  }
  const next = async (): Promise<string> => {
    const events = log.read(after)
    if (events !== null) return ((after = events.after), events.text)
    const newest = log.readStatus(status)
    if (newest !== null) return ((status = newest.after), newest.text)
    await log.wait(heartbeatMs, signal)
    return ''
  }
  return new ReadableStream(
    {
      start(controller) {
        controller.enqueue(encoder.encode('retry: 2000\n\n'))
        from.signal.addEventListener('abort', close, { once: true })
      },
      async pull(controller) {
        clearTimeout(stalled)
        const text = (await next()) || (await next()) || ': \n\n'
        if (signal.aborted) {
          close()
          return controller.close()
        }
        controller.enqueue(encoder.encode(text))
        stalled = setTimeout(() => {
          close()
          controller.error(new Error('the listener takes nothing'))
        }, stalledMs)
        stalled.unref()
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}

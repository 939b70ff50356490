import { createTurns } from '../core/turns.ts'

/** One event as it goes over the wire, written once however many listen. */
interface Entry {
  readonly id: number
  readonly text: string
}

/** What a listener reads next. */
export interface Reading {
  /** Where to go on. */
  readonly after: number
  readonly text: string
}

/**
 * The last events, for streams that each read at their own pace. There is no queue for a listener: one that
 * is so slow that events have left the log is told how many it missed, and goes on with the oldest there is.
 */
export class EventLog {
  readonly #capacity: number
  #entries: Entry[] = []
  #last = 0
  #status: Entry | undefined
  readonly #waiting = new Set<() => void>()
  readonly #inTurn = createTurns()

  constructor(capacity = 512) {
    this.#capacity = capacity
  }

  get last(): number {
    return this.#last
  }

  push(type: string, data: object): void {
    const id = ++this.#last
    this.#entries.push({ id, text: `id: ${id}\n${eventText(type, data)}` })
    if (this.#entries.length > this.#capacity) this.#entries.shift()
    this.#wake()
  }

  /** The newest status takes the place of the one before, and pushes no event out. */
  setStatus(status: object): void {
    this.#status = { id: (this.#status?.id ?? 0) + 1, text: eventText('status', status) }
    this.#wake()
  }

  /** Events behind `after`, as one text, or null where there is none yet. */
  read(after: number): Reading | null {
    const oldest = this.#entries[0]?.id ?? this.#last + 1
    const missed = Math.max(0, oldest - after - 1)
    const entries = this.#entries.filter(({ id }) => id > after)
    if (entries.length === 0) return null
    const gap = missed > 0 ? eventText('gap', { missed }) : ''
    return { after: this.#last, text: gap + entries.map(({ text }) => text).join('') }
  }

  /** The same for the status. */
  readStatus(after: number): Reading | null {
    if (this.#status === undefined || this.#status.id <= after) return null
    return { after: this.#status.id, text: this.#status.text }
  }

  /** Resolves with the next event or status, after `ms`, or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#waiting.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      timer.unref()
      this.#waiting.add(end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })
  }

  /** One in a turn of the event loop, as what each of them writes takes its time. */
  #wake(): void {
    for (const end of this.#waiting) this.#inTurn(end)
    this.#waiting.clear()
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html; JSON has no raw line breaks. */
function eventText(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

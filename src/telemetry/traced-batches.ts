import type { Span } from '@opentelemetry/api'
import type { Direction } from '../mirror/shipper.ts'
import {
  RowRefusedError,
  StalePositionError,
  type Batch,
  type PlaceName,
  type Target,
} from '../place/place.ts'
import { link, type Draft, type Spans } from './spans.ts'
import { systems } from './systems.ts'
import type { NoteWrite } from './traced-statements.ts'

/** So many writes at the most have a link with their batch; the newest ones, as others waited for a leader elsewhere. */
export const maxLinks = 128

/** One write of this process, which a batch of it may carry. */
interface Write {
  readonly origin: Span
  hasReturned: boolean
}

/**
 * A span for each batch, linked with the writes in it. A batch carries what was committed before its snapshot: of a
 * write that had begun by then and returned while the batch was under way nobody knows whether it is in this one or
 * in the next, and it is linked with this one.
 */
export class TracedBatches {
  readonly #spans: Spans
  readonly #writes: Record<PlaceName, Set<Write>> = { sqlite: new Set(), postgres: new Set() }

  constructor(spans: Spans) {
    this.#spans = spans
  }

  /** A write begins on the primary; what is given back says how it has ended. */
  noteWrite(primary: PlaceName, origin: Span): ReturnType<NoteWrite> {
    const writes = this.#writes[primary]
    const write: Write = { origin, hasReturned: false }
    writes.add(write)
    if (writes.size > maxLinks) writes.delete(writes.values().next().value as Write)
    return (outcome) => {
      write.hasReturned = true
      if (outcome === 'failed') writes.delete(write)
    }
  }

  /** The same direction, with a span around each batch that ships something. */
  direction(primary: PlaceName, { source, target }: Direction): Direction {
    let openedAtMs = 0
    let begun: readonly Write[] = []
    return {
      source: {
        open: () => {
          if (this.#spans.on) {
            openedAtMs = Date.now()
            begun = [...this.#writes[primary]]
          }
          return source.open()
        },
        discard: (batch, quarantined) => source.discard(batch, quarantined),
      },
      target: this.#target(primary, target, () => ({ openedAtMs, begun })),
    }
  }

  #target(
    primary: PlaceName,
    target: Target,
    snapshot: () => { openedAtMs: number; begun: readonly Write[] },
  ): Target {
    const traced = <T extends { readonly quarantined: number }>(
      work: () => Promise<T>,
      batchOf: (result: T) => Batch,
    ): Promise<T> => {
      const { openedAtMs, begun } = snapshot()
      return this.#spans.apart(draftOf(primary, openedAtMs), async (span) => {
        const result = await work().catch((error: unknown) => {
          span.setAttribute('lockstep.outcome', outcomeOf(error))
          throw error
        })
        const { entries } = batchOf(result)
        span.setAttributes({
          'lockstep.outcome': 'applied',
          'lockstep.entries': entries,
          'lockstep.quarantined': result.quarantined,
        })
        this.#linkCarried(primary, begun, span, batchOf(result).complete)
        return result
      })
    }
    return {
      position: () => target.position(),
      // One without entries only says that the mirror is not behind.
      apply: (batch, expected) =>
        this.#spans.on && batch.entries > 0
          ? traced(
              () => target.apply(batch, expected),
              () => batch,
            )
          : target.apply(batch, expected),
      applyWhole: (whole, limits, expected) =>
        this.#spans.on
          ? traced(
              () => target.applyWhole(whole, limits, expected),
              ({ batch }) => batch,
            )
          : target.applyWhole(whole, limits, expected),
    }
  }

  /** While a batch leaves entries to the next one, nobody knows in which of them a write is. */
  #linkCarried(primary: PlaceName, begun: readonly Write[], span: Span, complete: boolean): void {
    const writes = this.#writes[primary]
    const carried = begun.filter((write) => write.hasReturned && writes.has(write))
    for (const origin of new Set(carried.map((write) => write.origin))) link(span, origin)
    if (complete) for (const write of carried) writes.delete(write)
  }
}

function draftOf(primary: PlaceName, startTime: number): Draft {
  const secondary = primary === 'sqlite' ? 'postgres' : 'sqlite'
  return {
    name: 'lockstep.apply',
    kind: 'internal',
    attributes: { 'db.system.name': systems[secondary] },
    startTime,
  }
}

/** Two of them are ordinary: another process was faster, and a row needs the slow way. */
function outcomeOf(error: unknown): 'stale' | 'refused' | 'failed' {
  if (error instanceof StalePositionError) return 'stale'
  return error instanceof RowRefusedError ? 'refused' : 'failed'
}

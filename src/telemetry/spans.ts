import {
  context,
  ProxyTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { errorType } from './collect.ts'
import type { Attributes } from './registry.ts'

/** What is known of a span before its work begins. */
export interface Draft {
  readonly name: string
  readonly kind: 'client' | 'internal'
  readonly attributes: Attributes
  /** In milliseconds since 1970, where the work began before the span was made. */
  readonly startTime?: number
}

const kinds = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

/**
 * Makes spans where the application has set OpenTelemetry up, which it does before it opens a database. Where it
 * has not, `on` is false, and looking at it is all that a statement costs.
 */
export class Spans {
  #tracer: Tracer | null = null

  start(): void {
    const tracer = trace.getTracer('lockstep')
    // It is this one as long as no provider has been set.
    this.#tracer = tracer instanceof ProxyTracer ? null : tracer
  }

  get on(): boolean {
    return this.#tracer !== null
  }

  /** A span of the application's that is under way, or null. */
  get active(): Span | null {
    return trace.getActiveSpan() ?? null
  }

  /** A part of what the caller does: the span's parent is the caller's. */
  now<T>(draft: Draft, work: (span: Span) => T): T {
    const span = this.#begin(draft, false)
    try {
      return context.with(trace.setSpan(context.active(), span), work, undefined, span)
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  async later<T>(draft: Draft, work: (span: Span) => Promise<T>): Promise<T> {
    return this.#until(this.#begin(draft, false), work)
  }

  /** What happens behind the caller's back begins a trace of its own, linked with the caller's. */
  async apart<T>(draft: Draft, work: (span: Span) => Promise<T>): Promise<T> {
    return this.#until(this.#begin(draft, true), work)
  }

  async #until<T>(span: Span, work: (span: Span) => Promise<T>): Promise<T> {
    try {
      return await context.with(trace.setSpan(context.active(), span), work, undefined, span)
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  #begin({ name, kind, attributes, startTime }: Draft, root: boolean): Span {
    if (this.#tracer === null) throw new Error('Nobody has set OpenTelemetry up')
    const options = {
      kind: kinds[kind],
      attributes: { ...attributes },
      root,
      ...(startTime === undefined ? {} : { startTime }),
    }
    return root
      ? this.#tracer.startSpan(name, options, ROOT_CONTEXT)
      : this.#tracer.startSpan(name, options)
  }
}

/**
 * Links both ways: who looks at the batch finds the requests in it, and who looks at a request finds its batch. A span
 * that has ended takes no link any more.
 */
export function link(span: Span, origin: Span): void {
  span.addLink({ context: origin.spanContext() })
  if (origin.isRecording()) origin.addLink({ context: span.spanContext() })
}

/** The message may say what a row holds, so its class alone is told. */
function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', errorType(error))
  span.setStatus({ code: SpanStatusCode.ERROR })
}

import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Lockstep, LockstepEvents, Status, VerifyReport } from '../api.ts'
import type { TypedEmitter } from '../core/events.ts'
import type { Plan } from '../route/plans.ts'
import type { AroundRun } from '../shadow/read.ts'
import { countEvents, noteVerify, setStatus } from './collect.ts'
import { bridge, type Bridge } from './opentelemetry.ts'
import { prometheusText } from './prometheus.ts'
import { Registry } from './registry.ts'
import { Spans } from './spans.ts'
import { Timing } from './timing.ts'
import { TracedBatches } from './traced-batches.ts'
import { aroundShadow } from './traced-shadows.ts'
import { TracedStatements } from './traced-statements.ts'

/** What one Lockstep tells of itself: to OpenTelemetry where the application has set it up, to Prometheus where it asks. */
export class Telemetry {
  readonly registry: Registry = new Registry()
  readonly timing: Timing
  readonly batches: TracedBatches
  readonly statements: TracedStatements
  readonly #spans: Spans = new Spans()
  readonly #path: string
  #status: (() => Promise<Status>) | undefined
  #bridge: Bridge | null = null

  constructor(events: TypedEmitter<LockstepEvents>, path: string) {
    this.#path = path
    this.timing = new Timing(this.registry)
    this.batches = new TracedBatches(this.#spans)
    this.statements = new TracedStatements(this.#spans, (place, origin) =>
      this.batches.noteWrite(place, origin),
    )
    countEvents(events, this.registry)
  }

  /** From here on figures can be asked for. */
  start(status: () => Promise<Status>): void {
    this.#status = status
    this.#spans.start()
    this.#bridge = bridge(this.registry, () => this.#refresh())
    if (this.#bridge === null) return
    const { record } = this.#bridge
    this.registry.onRecord = record
    this.timing.listen()
  }

  /** To be called where the application reads: what belongs around the shadow run of the read. */
  aroundShadow(plan: Pick<Plan, 'kind' | 'tables'>): AroundRun {
    return aroundShadow(this.#spans, plan)
  }

  /** As Prometheus reads it. */
  async prometheus(): Promise<string> {
    this.timing.listen()
    await this.#refresh()
    return prometheusText(this.registry)
  }

  noteVerify(report: VerifyReport, settings: Parameters<Lockstep['verify']>[0]): void {
    noteVerify(report, settings, { registry: this.registry, nowMs: Date.now() })
  }

  close(): void {
    this.#bridge?.close()
  }

  async #refresh(): Promise<void> {
    if (this.#status === undefined) return
    const [status, disk] = await Promise.all([
      this.#status(),
      statfs(dirname(this.#path)).catch(() => null),
    ])
    setStatus(status, this.registry)
    if (disk !== null) this.registry.set('lockstep.disk.free', disk.bavail * disk.bsize)
  }
}

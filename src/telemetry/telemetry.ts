import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Lockstep, LockstepEvents, Status, VerifyReport } from '../api.ts'
import type { TypedEmitter } from '../core/events.ts'
import { countEvents, noteVerify, setStatus } from './collect.ts'
import { bridge, type Bridge } from './opentelemetry.ts'
import { prometheusText } from './prometheus.ts'
import { Registry } from './registry.ts'
import { Timing } from './timing.ts'

/** What one Lockstep tells of itself: to OpenTelemetry where the application has set it up, to Prometheus where it asks. */
export class Telemetry {
  readonly registry: Registry = new Registry()
  readonly timing: Timing
  readonly #path: string
  #status: (() => Promise<Status>) | undefined
  #bridge: Bridge | null = null

  constructor(events: TypedEmitter<LockstepEvents>, path: string) {
    this.#path = path
    this.timing = new Timing(this.registry)
    countEvents(events, this.registry)
  }

  /** From here on figures can be asked for. */
  start(status: () => Promise<Status>): void {
    this.#status = status
    this.#bridge = bridge(this.registry, () => this.#refresh())
    if (this.#bridge === null) return
    const { record } = this.#bridge
    this.registry.onRecord = record
    this.timing.listen()
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

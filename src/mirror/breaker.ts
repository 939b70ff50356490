/**
 * Says how long to leave the secondary alone after failures, and whether to stop waiting for it.
 *
 *   closed ──failure──> open ──(retryMinMs, doubling to retryMaxMs)──> tried again ──success──> closed
 */
export interface Breaker {
  readonly state: 'closed' | 'open'
  readonly reason: string | null
  succeeded(): void
  /** Returns how many milliseconds to wait before the next try. */
  failed(reason: string): number
}

export interface BreakerOptions {
  readonly retryMinMs: number
  readonly retryMaxMs: number
  readonly onChange: (state: 'closed' | 'open', reason: string) => void
}

export function createBreaker({ retryMinMs, retryMaxMs, onChange }: BreakerOptions): Breaker {
  let failures = 0
  let reason: string | null = null
  return {
    get state() {
      return failures === 0 ? 'closed' : 'open'
    },
    get reason() {
      return reason
    },
    succeeded() {
      if (failures === 0) return
      failures = 0
      reason = null
      onChange('closed', 'the secondary answers again')
    },
    failed(why) {
      failures++
      reason = why
      if (failures === 1) onChange('open', why)
      return Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(failures - 1, 16))
    },
  }
}

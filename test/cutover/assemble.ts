import {
  createAcknowledge,
  type Acknowledge,
  type AcknowledgeOptions,
} from '../../src/route/acknowledge.ts'
import { openParts, type Parts, type PartsSettings } from '../support/parts.ts'
import type { Rig } from './rig.ts'

/** An application on the same pair with parts of the test's own. */
export function assemble(
  rig: Rig,
  replace: PartsSettings['replace'],
  options: PartsSettings['options'] = {},
): Promise<Parts> {
  return openParts({ path: rig.path, url: rig.url, options, replace })
}

/** With ack: both and degrade, and nobody who knows that the breaker is open. */
export function confirming(engine: Parts['engine'], own: Partial<AcknowledgeOptions>): Acknowledge {
  return createAcknowledge({
    mode: () => 'both',
    unconfirmable: () => null,
    token: (primary) => engine.newestToken(primary),
    reached: async () => false,
    quarantined: () => 0n,
    timeoutMs: 300,
    onUnconfirmed: 'degrade',
    onDegraded: () => undefined,
    ...own,
  })
}

import { LockstepError } from '../core/errors.ts'
import { defaultFlags, parseFlags } from './flags.ts'
import { createFlagsHolder, createTurnstile } from './flags-store.ts'
import type { Flags } from './flags.ts'
import type { FlagsListeners, FlagsStore } from './flags-store.ts'

/** The part of an OpenFeature server client that is needed. https://openfeature.dev/docs/reference/technologies/server/javascript */
export interface OpenFeatureClient {
  getBooleanValue(key: string, fallback: boolean): Promise<boolean>
  getStringValue(key: string, fallback: string): Promise<string>
  getNumberValue(key: string, fallback: number): Promise<number>
  getObjectValue(key: string, fallback: Record<string, number>): Promise<unknown>
  addHandler(event: string, handler: () => void): void
  removeHandler?(event: string, handler: () => void): void
}

export interface OpenFeatureFlagsOptions extends FlagsListeners {
  /** In force where the provider has no answer. Default `defaultFlags`. */
  readonly initial?: Flags
}

const EVENTS = ['PROVIDER_READY', 'PROVIDER_CONFIGURATION_CHANGED']

/**
 * Flags of an OpenFeature provider: `lockstep.mirror`, `lockstep.primary`, `lockstep.reads.postgres`,
 * `lockstep.reads.tables` (an object), `lockstep.shadow.sample`, `lockstep.shadow.rehearse` and
 * `lockstep.ack`. A provider that fails answers with the flags in force, so an outage changes nothing.
 */
export async function createOpenFeatureFlagsStore(
  client: OpenFeatureClient,
  options: OpenFeatureFlagsOptions = {},
): Promise<FlagsStore> {
  const holder = createFlagsHolder(await evaluate(client, options.initial ?? defaultFlags), options)
  const turnstile = createTurnstile()
  const look = async (): Promise<void> => {
    holder.accept(await evaluate(client, holder.current()), 'openfeature')
  }
  const check = (): void => {
    turnstile.run(look).catch((error: unknown) => holder.refuse(error))
  }
  for (const event of EVENTS) client.addHandler(event, check)

  return {
    current: () => holder.current(),
    refused: () => holder.refused(),
    set: () =>
      Promise.reject(
        new LockstepError(
          'FLAGS_INVALID',
          'The flags are kept by OpenFeature; change them in its provider',
        ),
      ),
    async close() {
      for (const event of EVENTS) client.removeHandler?.(event, check)
      await turnstile.close()
    },
  }
}

async function evaluate(client: OpenFeatureClient, flags: Flags): Promise<Flags> {
  const { reads, shadow } = flags
  return parseFlags({
    mirror: await client.getBooleanValue('lockstep.mirror', flags.mirror),
    primary: await client.getStringValue('lockstep.primary', flags.primary),
    reads: {
      postgres: await client.getNumberValue('lockstep.reads.postgres', reads.postgres),
      tables: await client.getObjectValue('lockstep.reads.tables', { ...reads.tables }),
    },
    shadow: {
      sample: await client.getNumberValue('lockstep.shadow.sample', shadow.sample),
      rehearse: await client.getNumberValue('lockstep.shadow.rehearse', shadow.rehearse),
    },
    ack: await client.getStringValue('lockstep.ack', flags.ack),
  })
}

import { isLockstepError, LockstepError } from '../core/errors.ts'
import { within } from '../core/wait.ts'
import { defaultFlags, parseFlags } from './flags.ts'
import { createFlagsHolder, createTurnstile } from './flags-store.ts'
import type { Flags } from './flags.ts'
import { createKeyedReads } from './keyed-reads.ts'
import type { FlagsListeners, FlagsStore } from './flags-store.ts'

/** What a client answers; a provider that fails shows as an error beside the fallback. */
export interface OpenFeatureAnswer<T> {
  readonly value: T
  readonly errorCode?: string | undefined
  readonly errorMessage?: string | undefined
}

/** Of what is asked for: the `targetingKey` is the key of a session. */
export interface OpenFeatureContext {
  readonly targetingKey?: string
}

/** The part of an OpenFeature server client that is needed. https://openfeature.dev/docs/reference/technologies/server/javascript */
export interface OpenFeatureClient {
  getBooleanDetails(key: string, fallback: boolean): Promise<OpenFeatureAnswer<boolean>>
  getStringDetails(key: string, fallback: string): Promise<OpenFeatureAnswer<string>>
  getNumberDetails(
    key: string,
    fallback: number,
    context?: OpenFeatureContext,
  ): Promise<OpenFeatureAnswer<number>>
  getObjectDetails(
    key: string,
    fallback: Record<string, number>,
    context?: OpenFeatureContext,
  ): Promise<OpenFeatureAnswer<unknown>>
  addHandler(event: string, handler: () => void): void
  removeHandler?(event: string, handler: () => void): void
}

export interface OpenFeatureFlagsOptions extends FlagsListeners {
  /** In force where the provider has no answer. Default `defaultFlags`. */
  readonly initial?: Flags
}

const EVENTS = ['PROVIDER_READY', 'PROVIDER_CONFIGURATION_CHANGED']

/** A provider that takes longer has failed. */
const maxAnswerMs = 2000

/**
 * Flags of an OpenFeature provider: `lockstep.mirror`, `lockstep.primary`, `lockstep.reads.postgres`,
 * `lockstep.reads.tables` (an object), `lockstep.shadow.sample`, `lockstep.shadow.rehearse` and
 * `lockstep.ack`. A flag that the provider does not know stays as it is in force. One that fails, or does not answer,
 * changes nothing and is told: an outage of the provider is none of the application.
 *
 * The two of reads are also asked for each session with a key, with that as `targetingKey`.
 */
export async function createOpenFeatureFlagsStore(
  client: OpenFeatureClient,
  options: OpenFeatureFlagsOptions = {},
): Promise<FlagsStore> {
  const ask = (flags: Flags): Promise<Flags> => within(maxAnswerMs, evaluate(client, flags), late)
  const initial = options.initial ?? defaultFlags
  let failure: unknown
  const first = await ask(initial).catch((error: unknown) => {
    // What is wrong is an error at the start, as there is nothing to keep; what is away may come.
    if (isLockstepError(error, 'FLAGS_INVALID')) throw error
    failure = error
    return initial
  })
  const holder = createFlagsHolder(first, options)
  if (failure !== undefined) holder.refuse(failure)
  const keyed = createKeyedReads({
    evaluate: (targetingKey) => evaluateReads(client, holder.current(), { targetingKey }),
    onRefused: (message) => options.onRefused?.(message),
  })
  const turnstile = createTurnstile()
  const look = async (): Promise<void> => holder.accept(await ask(holder.current()), 'openfeature')
  const check = (): void => {
    const looked = turnstile.run(look).catch((error: unknown) => holder.refuse(error))
    void looked.then(() => keyed.refresh())
  }
  for (const event of EVENTS) client.addHandler(event, check)

  return {
    keyed,
    current: () => holder.current(),
    stored: () => ask(holder.current()),
    refused: () => holder.refused() ?? keyed.refused(),
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

function late(): Error {
  return new Error(`The provider of the flags gave no answer within ${maxAnswerMs} ms`)
}

async function evaluate(client: OpenFeatureClient, flags: Flags): Promise<Flags> {
  const { shadow } = flags
  return parseFlags({
    mirror: valueOf(await client.getBooleanDetails('lockstep.mirror', flags.mirror)),
    primary: valueOf(await client.getStringDetails('lockstep.primary', flags.primary)),
    reads: await evaluateReads(client, flags),
    shadow: {
      sample: valueOf(await client.getNumberDetails('lockstep.shadow.sample', shadow.sample)),
      rehearse: valueOf(await client.getNumberDetails('lockstep.shadow.rehearse', shadow.rehearse)),
    },
    ack: valueOf(await client.getStringDetails('lockstep.ack', flags.ack)),
  })
}

async function evaluateReads(
  client: OpenFeatureClient,
  { reads }: Flags,
  context: OpenFeatureContext = {},
): Promise<Flags['reads']> {
  const percent = await client.getNumberDetails('lockstep.reads.postgres', reads.postgres, context)
  const fallback = { ...reads.tables }
  const tables = await client.getObjectDetails('lockstep.reads.tables', fallback, context)
  return parseFlags({ reads: { postgres: valueOf(percent), tables: valueOf(tables) } }).reads
}

/** @throws Error where the provider has failed, which the client hides behind the fallback */
function valueOf<T>({ value, errorCode, errorMessage = '' }: OpenFeatureAnswer<T>): T {
  if (errorCode === undefined || errorCode === 'FLAG_NOT_FOUND') return value
  throw new Error(`The provider of the flags has failed: ${errorCode} ${errorMessage}`.trim())
}

import { LockstepError, messageOf } from '../core/errors.ts'
import { mergeFlags, parseFlags } from './flags.ts'
import { createFlagsHolder, createTurnstile } from './flags-store.ts'
import type { Flags } from './flags.ts'
import type { FlagsListeners, FlagsStore } from './flags-store.ts'

export interface TableFlagsOptions extends FlagsListeners {
  /** The JSON text that is stored, or null where there is none yet. */
  readonly read: () => Promise<string | null>
  /** Stores `text` where `previous` still stands and resolves with true; else with false. */
  readonly write: (text: string, previous: string | null) => Promise<boolean>
  /** Stored where nothing is yet. */
  readonly initial: Flags
  /** Default 500. */
  readonly pollMs?: number
}

/** How often `set` starts over where other processes change the flags at the same moment. */
const MAX_ATTEMPTS = 20

/**
 * Flags in a control table that every process of the application reads at intervals. Each change is a
 * compare-and-set over the whole text, so two processes that set different flags both get theirs.
 */
export async function createTableFlagsStore(options: TableFlagsOptions): Promise<FlagsStore> {
  const { read, write, initial, pollMs = 500 } = options
  const turnstile = createTurnstile()

  const change = async (edit: (flags: Flags) => Flags): Promise<Flags> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const previous = await read()
      const flags = edit(previous === null ? initial : parse(previous))
      const text = JSON.stringify(flags)
      if (text === previous || (await write(text, previous))) return flags
    }
    throw new LockstepError('FLAGS_INVALID', 'Other processes kept changing the flags; try again')
  }

  const holder = createFlagsHolder(await change((flags) => flags), options)
  const stored = async (): Promise<Flags> => {
    const text = await read()
    return text === null ? holder.current() : parse(text)
  }
  const look = async (): Promise<void> => holder.accept(await stored(), 'table')
  const poll = setInterval(() => {
    if (turnstile.busy()) return
    turnstile.run(look).catch((error: unknown) => holder.refuse(error))
  }, pollMs).unref()

  return {
    current: () => holder.current(),
    stored,
    refused: () => holder.refused(),
    set: (patch) =>
      turnstile.run(async () => {
        const flags = await change((stored) => mergeFlags(stored, patch))
        holder.accept(flags, 'call')
        return flags
      }),
    async close() {
      clearInterval(poll)
      await turnstile.close()
    },
  }
}

function parse(text: string): Flags {
  try {
    return parseFlags(JSON.parse(text))
  } catch (error) {
    if (error instanceof LockstepError) throw error
    const message = `The stored flags are not JSON: ${messageOf(error)}`
    throw new LockstepError('FLAGS_INVALID', message, { cause: error })
  }
}

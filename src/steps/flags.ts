import type { Engine } from '../engine/engine.ts'
import { recordFlip } from '../engine/follow.ts'
import type { Journey } from './journey.ts'
import { messageOf } from '../core/errors.ts'
import { checkPatch } from '../options/misuse.ts'
import { parseFlagsPatch, type Flags } from '../route/flags.ts'
import { createFileFlagsStore } from '../route/flags-file.ts'
import { createOpenFeatureFlagsStore } from '../route/flags-openfeature.ts'
import type { FlagsListeners, FlagsStore } from '../route/flags-store.ts'
import { createTableFlagsStore } from '../route/flags-table.ts'

/**
 * Opens the flags where the options keep them. A change of `primary` starts a flip with its gates, in the
 * process whose applier leads; a flip that is refused is not tried again until the flag changes.
 */
export async function openFlags(engine: Engine, journey: Journey): Promise<FlagsStore> {
  let primary: Flags['primary'] | undefined
  let following: Promise<void> = Promise.resolve()
  const listeners: FlagsListeners = {
    onChange: (flags, source) => {
      engine.events.emit('flags', { flags, source })
      const wanted = flags.primary !== primary
      primary = flags.primary
      // One after the other: a flip that the flag takes back while it runs is followed by the one back.
      if (wanted && source !== 'call')
        following = following.then(() => followPrimary(engine, journey, store))
    },
    onRefused: (message) => engine.events.emit('flags-refused', { message }),
  }
  const store = await openStore(engine, listeners)
  primary = store.current().primary
  engine.flags = () => store.current()
  engine.flagsRefused = () => store.refused()
  engine.keepPrimary = async (place) => {
    primary = place
    // Not what is in force: another process may have written since this one looked.
    await store
      .stored()
      .then((stored) => (stored.primary === place ? stored : store.set({ primary: place })))
      .catch((error: unknown) => engine.events.emit('flags-refused', { message: messageOf(error) }))
  }
  return {
    keyed: store.keyed,
    current: () => store.current(),
    stored: () => store.stored(),
    refused: () => store.refused(),
    close: () => store.close(),
    async set(patch) {
      checkPatch(patch)
      // Checked as a whole before a part of it is in force.
      const { primary: wanted, ...rest } = parseFlagsPatch(patch)
      // A flip writes the flag itself, once it has happened.
      const flags =
        Object.keys(rest).length > 0 || wanted === undefined
          ? await store.set(rest)
          : store.current()
      if (wanted === undefined || !engine.installed || wanted === engine.control().primary) {
        return wanted === undefined ? flags : store.set({ primary: wanted })
      }
      await journey.steps.flip(wanted)
      return store.current()
    },
  }
}

function openStore(engine: Engine, listeners: FlagsListeners): Promise<FlagsStore> {
  const { flags } = engine.options
  if (flags.kind === 'file')
    return createFileFlagsStore({ path: flags.file, required: flags.required, ...listeners })
  if (flags.kind === 'openfeature')
    return createOpenFeatureFlagsStore(flags.client, { initial: flags.initial, ...listeners })
  const { reader } = engine.file
  // Until the control tables are there the flags live in memory; install takes them over.
  let memory: string | null = null
  engine.keepFlags = async () => {
    const { db } = engine.writer
    const keep = 'UPDATE _lockstep_control SET flags = ? WHERE flags IS NULL'
    await engine.writer.write(() => db.prepare(keep).run(memory))
  }
  return createTableFlagsStore({
    ...listeners,
    initial: flags.initial,
    read: async () => {
      if (!engine.installed) return memory
      const stored = reader.prepare('SELECT flags FROM _lockstep_control').pluck().get() as
        | string
        | null
      return stored ?? memory
    },
    write: async (text, previous) => {
      if (!engine.installed) {
        memory = text
        return true
      }
      const result = await engine.writer.write(() =>
        engine.writer.db
          .prepare('UPDATE _lockstep_control SET flags = ? WHERE coalesce(flags, ?) IS ?')
          .run(text, memory, previous),
      )
      return result.changes === 1
    },
  })
}

/**
 * Each flip writes the flag once it has happened, unless it was asked for by the flag. So a flag that is seen late may
 * be what an earlier flip has left: it is an order only where the latest flip has been recorded, and it stands there
 * all the same.
 */
async function followPrimary(engine: Engine, journey: Journey, store: FlagsStore): Promise<void> {
  const to = store.current().primary
  if (!engine.installed || !engine.session.leader) return
  const { primary: from, epoch } = engine.control()
  if (from === to) return
  try {
    await recordFlip(engine)
    const { primary } = await store.stored()
    if (primary === to) await journey.flipFrom(epoch, to)
  } catch (error) {
    engine.events.emit('flip-cancelled', { from, to, reason: messageOf(error) })
  }
}

import { watch } from 'node:fs'
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LockstepError, messageOf } from '../core/errors.ts'
import { editFlagsText, parseFlagsText } from './flags-document.ts'
import { defaultFlags, parseFlagsPatch, type Flags } from './flags.ts'
import { createFlagsHolder, createTurnstile } from './flags-store.ts'
import type { FSWatcher } from 'node:fs'
import type { FlagsListeners, FlagsStore } from './flags-store.ts'

export interface FileFlagsOptions extends FlagsListeners {
  readonly path: string
  /** How often the file is read, whether or not its directory reported a change. Default 300. */
  readonly pollMs?: number
  /** How long a new text must stand before it counts. Default 100. */
  readonly settleMs?: number
  /** False begins with the defaults where the file is missing or bad. Default true. */
  readonly required?: boolean
}

interface Candidate {
  readonly text: string
  readonly stamp: string
  readonly sinceMs: number
}

/**
 * Flags in a YAML file, followed while it changes:
 *
 *   applied ──text differs──> candidate ──still the same after settleMs──> applied, or refused
 *      ^                          │ differs again: a new candidate
 *      └──────── the old text ────┘
 *
 * The text itself is compared, not times of change: this follows editors that replace the file, symlinks
 * that are swapped (Kubernetes), and network mounts without notices. It must stand for a moment, because
 * the first half of a file that is being written may read as good flags with `primary` left out.
 * A file that is missing or bad at the start is an error where it is required; later the last good flags
 * stay in force.
 */
export async function createFileFlagsStore(options: FileFlagsOptions): Promise<FlagsStore> {
  const { path, pollMs = 300, settleMs = 100 } = options
  const first = await readFirst(options)
  let { applied } = first
  let candidate: Candidate | null = null
  const holder = createFlagsHolder(first.flags, options)
  if (first.refusal !== null) holder.refuse(first.refusal)
  const turnstile = createTurnstile()
  let settling: NodeJS.Timeout | undefined

  const look = async (): Promise<void> => {
    const text = await read(path)
    if (text === applied) {
      candidate = null
      // A file that could not be read for a while is as it was: good, or refused as before.
      if (holder.refused() !== null) holder.accept(parse(path, text), 'file')
      return
    }
    const stamp = await stampOf(path)
    if (candidate?.text !== text || candidate.stamp !== stamp) {
      candidate = { text, stamp, sinceMs: performance.now() }
      clearTimeout(settling)
      settling = setTimeout(check, settleMs + 1).unref()
    } else if (performance.now() - candidate.sinceMs >= settleMs) apply(text)
  }
  const apply = (text: string): void => {
    applied = text
    candidate = null
    holder.accept(parse(path, text), 'file')
  }
  const check = (): void => {
    if (turnstile.busy()) return
    turnstile.run(look).catch((error: unknown) => holder.refuse(error))
  }
  const watcher = watchDirectory(path, check)
  const poll = setInterval(check, pollMs).unref()

  return {
    current: () => holder.current(),
    stored: async () => parse(path, await read(path)),
    refused: () => holder.refused(),
    set: (patch) =>
      turnstile.run(async () => {
        const text = editFlagsText(await read(path), parseFlagsPatch(patch))
        const flags = parse(path, text)
        await replaceFile(path, text)
        applied = text
        holder.accept(flags, 'call')
        return flags
      }),
    async close() {
      watcher?.close()
      clearInterval(poll)
      clearTimeout(settling)
      await turnstile.close()
    },
  }
}

interface First {
  /** Null until a text has been applied. */
  readonly applied: string | null
  readonly flags: Flags
  readonly refusal: unknown
}

async function readFirst({ path, required = true }: FileFlagsOptions): Promise<First> {
  try {
    const applied = await read(path)
    return { applied, flags: parse(path, applied), refusal: null }
  } catch (refusal) {
    if (required) throw refusal
    return { applied: null, flags: defaultFlags, refusal }
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const message = `The flags file ${path} cannot be read: ${messageOf(error)}`
    throw new LockstepError('FLAGS_INVALID', message, { details: { path }, cause: error })
  }
}

function parse(path: string, text: string): ReturnType<typeof parseFlagsText> {
  try {
    return parseFlagsText(text)
  } catch (error) {
    const details = error instanceof LockstepError ? error.details : {}
    const message = `${path}: ${messageOf(error)}`
    throw new LockstepError('FLAGS_INVALID', message, {
      details: { ...details, path },
      cause: error,
    })
  }
}

/** Tells a text that stood still from one that was written again in between. */
async function stampOf(path: string): Promise<string> {
  const { ino, mtimeNs } = await stat(path, { bigint: true })
  return `${ino}:${mtimeNs}`
}

/** The directory is watched, as a file that is replaced takes its watcher with it. */
function watchDirectory(path: string, onEvent: () => void): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, onEvent)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    // Some mounts cannot be watched; reading at intervals does the work there.
    return null
  }
}

/** The new text is complete on disk before it takes the place of the old one; a symlink stays one. */
async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path)
  const { mode } = await stat(target)
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  try {
    await writeFile(temporary, text, { flush: true })
    await chmod(temporary, mode & 0o7777)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    const message = `The flags file ${path} cannot be written: ${messageOf(error)}`
    throw new LockstepError('FLAGS_INVALID', message, { details: { path }, cause: error })
  }
}

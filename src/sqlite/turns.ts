import { statSync } from 'node:fs'
import { Mutex } from '../core/wait.ts'
import type { Connection } from './connection.ts'

const shortMs = 20
const mostMs = 12
const share = 0.1

const byFile = new Map<string, WeakRef<Mutex>>()

/**
 * The turns of all writers that this process has on one file. SQLite gives its lock to whoever asks in the right
 * moment, so one with a queue of its own would never let another have it.
 */
export function turnsOf(db: Connection): Mutex {
  const { dev, ino } = statSync(db.name, { bigint: true })
  const file = `${dev}:${ino}`
  for (const [other, turns] of byFile) if (turns.deref() === undefined) byFile.delete(other)
  const known = byFile.get(file)?.deref()
  if (known !== undefined) return known
  const turns = new Mutex()
  byFile.set(file, new WeakRef(turns))
  return turns
}

/**
 * For how many milliseconds a writer rests, once it has held the file for `heldMs` and is to hold it again at
 * once: a tenth of that, and at most the longest pause between two tries of another process (`retryBusy`), so
 * that those get their turn as well. Short writes leave gaps of their own.
 */
export function restAfter(heldMs: number): number {
  return heldMs < shortMs ? 0 : Math.min(heldMs * share, mostMs)
}

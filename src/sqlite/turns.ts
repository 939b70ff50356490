import { statSync } from 'node:fs'
import { Mutex } from '../core/wait.ts'
import type { Connection } from './connection.ts'

/** The longest pause between two tries of a process that waits for the lock of another, in milliseconds. */
export const longestPauseMs = 11

const shortMs = 20
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
 * once: a tenth of that, and at most a little more than `longestPauseMs`, so that other processes get their turn
 * as well. Short writes leave gaps of their own.
 */
export function restAfter(heldMs: number): number {
  return heldMs < shortMs ? 0 : Math.min(heldMs * share, longestPauseMs + 1)
}

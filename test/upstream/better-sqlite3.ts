import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Native from 'better-sqlite3'
import { asyncDatabase, syncDatabase } from '../../src/adapters/better-sqlite3/index.ts'
import { LockstepError } from '../../src/index.ts'
import { openLockstep, place } from './open.ts'

/** What better-sqlite3's tests find beside them: their words, and the class of databases. */

const folder = mkdtempSync(join(tmpdir(), 'lockstep-upstream-'))
let count = 0
const current = (): string => join(folder, `${count}.db`)
const next = (): string => {
  count++
  return current()
}

/** The first one to open a file is the application; those after it are other programs. */
const opened = new Set<string>()

async function openDatabase(path: string, options?: Native.Options): Promise<unknown> {
  if (place === 'plain' || opened.has(path)) return new Native(path, options)
  opened.add(path)
  const db = await openLockstep({ path, safeIntegers: place !== 'synchronous' })
  return place === 'synchronous' ? syncDatabase(db) : asyncDatabase(db)
}

/** An error of SQLite is Lockstep's, with the same code. */
class SqliteError extends Error {
  static override [Symbol.hasInstance](error: unknown): boolean {
    return error instanceof Native.SqliteError || error instanceof LockstepError
  }
}

/** What a function did, done again at once. */
async function outcome(work: () => unknown): Promise<() => unknown> {
  try {
    const value = await work()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

async function gather(values: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const value of values) all.push(value)
  return all
}

// Of the work folder, as the tests import it.
const { expect } = (await import(/* @vite-ignore */ 'chai')) as { expect: unknown }

Object.assign(globalThis, {
  Database: place === 'plain' ? Native : { SqliteError },
  openDatabase,
  outcome,
  gather,
  expect,
  util: { current, next },
})

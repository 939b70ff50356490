import { constants, getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { createCappedReader } from './capped-read.mjs'

// Plain JavaScript, as a thread loads its file by itself. Its caller is read-thread.ts, which says what goes in
// and what comes out.

giveWay()

/** @type {ReturnType<typeof createCappedReader> | undefined} */
let reader

parentPort.on('message', (message) => {
  // The word of end-thread.ts.
  if (message === 'end') process.exit()
  const { id, sql, args, caps } = message
  const begun = performance.now()
  try {
    // Here, as a thread that ends by an error of SQLite's tells nothing of it.
    reader ??= open()
    const answer = reader(sql, args, caps)
    send({ id, answer, ms: performance.now() - begun })
  } catch (error) {
    send({ id, failure: { code: error.code, message: error.message } })
  }
})

send('ready')

function open() {
  const { path, busyTimeoutMs: timeout, givenUp } = workerData
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout })
  return createCappedReader(db, () => Atomics.load(givenUp, 0) === 1)
}

function send(message) {
  // Nothing is handed over, all is copied.
  parentPort.postMessage(message, [])
}

/**
 * Handing a read over wakes this thread, which would take the processor from the application on a busy machine. On Linux
 * a priority is a thread's own (sched(7)); elsewhere it would be that of the whole process.
 */
function giveWay() {
  const { PRIORITY_BELOW_NORMAL: below } = constants.priority
  if (process.platform !== 'linux') return
  try {
    // Nobody may go up again, so one that is lower already stays there.
    if (getPriority() < below) setPriority(below)
  } catch {
    // A sandbox may forbid it; the thread reads as well without.
  }
}

import { constants, getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { createCappedReader } from './capped-read.mjs'

// Plain JavaScript, as a thread loads its file by itself. Its caller is read-thread.ts, which says what goes in
// and what comes out.

giveWay()

const db = new Database(workerData.path, {
  readonly: true,
  fileMustExist: true,
  timeout: workerData.busyTimeoutMs,
})
const read = createCappedReader(db, () => Atomics.load(workerData.givenUp, 0) === 1)

parentPort.on('message', (message) => {
  // The word of end-thread.ts.
  if (message === 'end') process.exit()
  const { id, sql, args, caps } = message
  const begun = performance.now()
  try {
    const answer = read(sql, args, caps)
    send({ id, answer, ms: performance.now() - begun })
  } catch (error) {
    send({ id, failure: { code: error.code, message: error.message } })
  }
})

send('ready')

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

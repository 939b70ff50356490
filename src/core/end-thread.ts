import type { Worker } from 'node:worker_threads'
import { sleep } from './wait.ts'

/** What a thread is sent that is to end itself. */
export const endWord = 'end'
/** SQLite cannot be interrupted from outside of its thread, so nobody waits for longer. */
const longestWaitMs = 2000

/**
 * Lets a thread end itself once it is out of SQLite, and waits for that for a while. `worker.terminate()` is not for
 * threads that use SQLite: where a statement fails meanwhile, better-sqlite3 makes an error in a thread that may make no
 * objects any more, and V8 ends the whole process.
 */
export async function endThread(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  worker.postMessage(endWord, [])
  const waiting = new AbortController()
  await Promise.race([ended, sleep(longestWaitMs, waiting.signal).catch(() => undefined)])
  waiting.abort()
}

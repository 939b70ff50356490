import { on } from 'node:events'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { endWord } from '../core/end-thread.ts'
import { ChunkPool } from './chunk-pool.ts'
import { encodeRange, findBound } from './copy-range.ts'
import { chunksAhead, type FromThread, type RangeRequest, type ToThread } from './range-source.ts'
import { SqliteStatements } from './statements.ts'
import { failureOf, openInThread } from './thread.ts'

interface Setting {
  readonly path: string
  readonly chunkBytes: number
}

const port = parentPort as MessagePort
const { path, chunkBytes } = workerData as Setting
const inbox = on(port, 'message')
const pool = new ChunkPool(chunkBytes)
const receive = async (): Promise<ToThread> => {
  const { value } = (await inbox.next()) as { value: [ToThread | typeof endWord] }
  const [message] = value
  if (message === endWord) process.exit()
  if ('taken' in message && message.taken !== null) pool.give(message.taken)
  return message
}
let statements: SqliteStatements | undefined
for (;;) {
  const request = await receive()
  // What was taken of a range that failed.
  if ('taken' in request) continue
  try {
    statements ??= new SqliteStatements(openInThread(path), true)
    await read(statements, request)
  } catch (error) {
    send({ failed: failureOf(error) })
  }
}

/** Sends a range, as far ahead of who takes it as is agreed. */
async function read(
  statements: SqliteStatements,
  { table, after, until }: RangeRequest,
): Promise<void> {
  const { db } = statements
  db.exec('BEGIN')
  try {
    const upTo = 'rows' in until ? findBound(statements, table, after, until.rows) : until.upTo
    send({ opened: upTo })
    const chunks = encodeRange(statements, table, { after, upTo }, chunkBytes, pool)
    let ahead = 0
    for (let next = chunks.next(); ; next = chunks.next()) {
      if (next.done === true) {
        send({ ended: next.value })
        break
      }
      send({ chunk: next.value }, [next.value.buffer])
      ahead += 1
      if (ahead < chunksAhead) continue
      await receive()
      ahead -= 1
    }
    for (; ahead > 0; ahead -= 1) await receive()
  } finally {
    db.exec('ROLLBACK')
  }
}

function send(message: FromThread, moved: ArrayBuffer[] = []): void {
  port.postMessage(message, moved)
}

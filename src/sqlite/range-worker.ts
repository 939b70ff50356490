import { on } from 'node:events'
import { setPriority } from 'node:os'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { isLockstepError } from '../core/errors.ts'
import { openReadOnly, type Connection } from './connection.ts'
import { ChunkPool } from './chunk-pool.ts'
import { encodeRange, findBound } from './copy-range.ts'
import { isSqliteError } from './errors.ts'
import { chunksAhead, type FromThread, type RangeRequest, type ToThread } from './range-source.ts'
import { SqliteStatements } from './statements.ts'

/** How long to wait where another process has the whole file, as it does for a moment when it recovers the WAL. */
const busyTimeoutMs = 5000
/** For SQLite's cache of each connection; better-sqlite3 has it at 16 MB. */
const cacheKib = 2048
/** Whatever else the machine has to do comes first. */
const niceness = 10

interface Setting {
  readonly path: string
  readonly chunkBytes: number
}

const port = parentPort as MessagePort
const { path, chunkBytes } = workerData as Setting
yieldToOthers()
const inbox = on(port, 'message')
const pool = new ChunkPool(chunkBytes)
const receive = async (): Promise<ToThread> => {
  const { value } = (await inbox.next()) as { value: [ToThread] }
  const [message] = value
  if ('taken' in message && message.taken !== null) pool.give(message.taken)
  return message
}
let statements: SqliteStatements | undefined
for (;;) {
  const request = await receive()
  // What was taken of a range that failed.
  if ('taken' in request) continue
  try {
    statements ??= new SqliteStatements(openForRanges(), true)
    await read(statements, request)
  } catch (error) {
    const isKnown = isSqliteError(error) || isLockstepError(error)
    const message = error instanceof Error ? error.message : String(error)
    send({ failed: { code: isKnown ? error.code : undefined, message } })
  }
}

/** Ranges read each page about once, so that a cache of SQLite's own is memory and nothing else. */
function openForRanges(): Connection {
  const db = openReadOnly({ path }, busyTimeoutMs)
  db.pragma(`cache_size = -${cacheKib}`)
  return db
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

/** Linux keeps a priority for each thread; elsewhere it would be that of the whole process. man 2 setpriority, "NPTL" */
function yieldToOthers(): void {
  if (process.platform === 'linux') setPriority(0, niceness)
}

import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { endWord } from '../core/end-thread.ts'
import type { Connection } from '../sqlite/connection.ts'
import { failureOf, openInThread } from '../sqlite/thread.ts'
import { snapshotState } from '../sqlite/twin.ts'
import { openRanges, sampleOf, type SqliteRanges } from './sqlite-ranges.ts'
import {
  BegunSnapshot,
  type Answer,
  type Question,
  type SentRange,
  type TextThreadData,
} from './text-thread.ts'

/** The other end of text-thread.ts, which says what is asked and answered. */
const { path, begun } = workerData as TextThreadData
const port = parentPort as MessagePort
const snapshot = new BegunSnapshot(begun)
let db: Connection | undefined
let ranges: SqliteRanges | undefined
let sample = 100

port.on('message', (question: Question | typeof endWord) => {
  if (question === endWord) process.exit()
  if (question.kind === 'begin') {
    beginSnapshot(question.number)
    return
  }
  try {
    db ??= openInThread(path)
    const answer = answerTo(db, question)
    send({ answer }, answer === undefined ? [] : [answer.text.buffer])
  } catch (error) {
    send({ failed: failureOf(error) })
  }
})

function beginSnapshot(number: number): void {
  if (db === undefined) return
  ranges?.close()
  ranges = undefined
  if (db.inTransaction) db.exec('ROLLBACK')
  db.exec('BEGIN')
  snapshot.tell(number, snapshotState(db))
}

function answerTo(
  db: Connection,
  question: Exclude<Question, { kind: 'begin' }>,
): SentRange | undefined {
  if (question.kind === 'open') {
    ranges = openRanges(db, question.table, question.from)
    sample = question.from.sample
  }
  return question.kind === 'ready' || ranges === undefined ? undefined : next(ranges)
}

function next(ranges: SqliteRanges): SentRange | undefined {
  const range = sampleOf(ranges, sample)
  if (range === undefined) return undefined
  const { read: _, text, ...rest } = range
  return { ...rest, text: new Uint8Array(text), rowsPerRange: ranges.rowsPerRange }
}

function send(message: Answer, moved: ArrayBuffer[] = []): void {
  port.postMessage(message, moved)
}

/**
 * A process of an application that is made to die. It runs the steps of a plan over the built library,
 * writes what it does to a log before and after (each line is on disk before it goes on), and kills,
 * stops or holds itself at one occurrence of one pause point. Plain JavaScript, as Node 20 runs no other.
 */
import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createLockstep } from '../../dist/index.js'

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const log = openSync(plan.log, 'a')
const counts = {}
let told = () => undefined
let ended = false
let interrupted = false

function note(line) {
  writeSync(log, `${JSON.stringify(line)}\n`)
  fsyncSync(log)
}

function reach(point) {
  counts[point] = (counts[point] ?? 0) + 1
  if (plan.at?.point !== point || plan.at.occurrence !== counts[point]) return undefined
  note({ reached: point })
  interrupted = true
  if (plan.at.then === 'hold') return new Promise((resolve) => (told = resolve))
  process.kill(process.pid, plan.at.then === 'stop' ? 'SIGSTOP' : 'SIGKILL')
  // Nothing may happen between the signal's sending and its arrival.
  while (plan.at.then === 'kill');
  return undefined
}

async function write(db, op) {
  const statements = plan.ops[op]
  note({ begin: op })
  try {
    await (statements.length === 1
      ? db.run(statements[0].sql, statements[0].params)
      : db.batch(statements))
    note({ ack: op })
  } catch (error) {
    note({ fail: op, code: error.code ?? error.name, message: error.message })
    // Nobody is there to write to: each further try would only be one more in doubt.
    if (error.code === 'POSTGRES_UNREACHABLE')
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** One write after the other; `endless` ones go on until the parent says enough. */
async function writeAll(db, ops, endless) {
  for (const op of ops) {
    if (endless && ended) return
    await write(db, op)
    if (endless) await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function run(db, { call, args = [], writes = [], endless = false }, index) {
  const calls = [writeAll(db, writes, endless)]
  if (call !== undefined) calls.push(db[call](...args))
  const results = await Promise.allSettled(calls)
  const failed = results.find(({ status }) => status === 'rejected')?.reason
  if (failed === undefined) note({ step: index })
  else note({ step: index, code: failed.code ?? failed.name, message: failed.message })
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'go') told()
  else ended = true
})
const db = await createLockstep({
  sqlite: { path: plan.sqlite },
  postgres: { connectionString: plan.postgres },
  ...plan.options,
  testing: { reach },
})
note({ ready: true })
for (const [index, step] of plan.steps.entries()) {
  // A step may be there again in case it fails before the point, on a busy machine.
  if (!(interrupted && plan.at.last)) await run(db, step, index)
}
note({ counts })
await db.close()
process.exit(0)

/**
 * A process of an application under chaos: clients that work all the time, each in a session of its own, and
 * write down what they do before and after. Its settings come as JSON in the first argument; the parent's
 * messages make it flip, change flags or schema, stand still or end. Plain JavaScript, as Node 20 runs no other.
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import { createRandom } from '../../dist/demo/random.js'
import { createLockstep } from '../../dist/index.js'

const { name, seed, clients, keys, accounts, log: path, options } = JSON.parse(process.argv[2])
const log = openSync(path, 'a')
const random = createRandom(seed, name)
let next = 0
let isOver = false

/** The same clock in every process of the machine, in microseconds; no jump of the date moves it. */
const now = () => Number(process.hrtime.bigint() / 1000n)
const note = (line) => writeSync(log, `${JSON.stringify(line)}\n`)

const db = await createLockstep(options)
const heard = {}
for (const event of ['breaker', 'degraded', 'drift', 'error', 'fallback', 'flip', 'quarantine'])
  db.on(event, () => (heard[event] = (heard[event] ?? 0) + 1))

const pair = (token) => async (tx) => {
  const [from, to] = [random.integer(1, accounts), random.integer(1, accounts)]
  await tx.run('INSERT INTO lefts (token) VALUES (?)', [token])
  await tx.run('UPDATE accounts SET balance = balance - 7 WHERE id = ?', [from])
  await tx.run('UPDATE accounts SET balance = balance + 7 WHERE id = ?', [to])
  await tx.run('INSERT INTO rights (token) VALUES (?)', [token])
}
const select = 'SELECT value FROM registers WHERE key = ?'

const work = {
  insert: ({ token }) => db.run('INSERT INTO inserts (token) VALUES (?)', [token]),
  pair: ({ token }) => db.transaction(pair(token)),
  write: ({ key, value }) => db.run('UPDATE registers SET value = ? WHERE key = ?', [value, key]),
  read: ({ key }) => db.transaction((tx) => tx.get(select, [key])),
  'own-read': ({ key }) => db.get(select, [key]),
}
const kinds = ['insert', 'pair', 'write', 'write', 'read', 'read', 'own-read', 'own-read']

function choose(id) {
  const kind = random.pick(kinds)
  if (kind === 'insert' || kind === 'pair') return { kind, token: `${name}-${id}` }
  const key = random.integer(1, keys)
  return kind === 'write' ? { kind, key, value: `${name}-${id}` } : { kind, key, value: null }
}

async function operate(client) {
  const id = next++
  const action = choose(id)
  note({ id, client, begin: now(), action })
  try {
    const answer = await work[action.kind](action)
    const value = action.kind.endsWith('read') ? { value: answer?.value ?? null } : {}
    note({ id, end: now(), outcome: 'acknowledged', ...value })
  } catch (error) {
    const outcome = error.details?.outcome === 'unknown' ? 'unknown' : 'failed'
    note({ id, end: now(), outcome, code: error.code ?? error.name, message: error.message })
    // As an application does that has something to do for others meanwhile.
    await rest(50)
  }
}

async function live(client) {
  while (!isOver) {
    await operate(client)
    await rest(random.integer(5, 25))
  }
}

function block(ms) {
  for (const end = Date.now() + ms; Date.now() < end;);
}

/** As if somebody had set the machine's clock; timers go on, as they do then. */
const clock = Date.now.bind(Date)
function jump(ms) {
  Date.now = () => clock() + ms
}

async function obey({ id, call, args }) {
  try {
    if (call === 'block') block(...args)
    else if (call === 'jump') jump(...args)
    else await db[call](...args)
    process.send({ id, done: true })
  } catch (error) {
    process.send({ id, code: error.code ?? `${error.name}: ${error.message}` })
  }
}

async function end() {
  isOver = true
  await lives
  process.send({ ended: true, heard })
  await db.close()
  process.disconnect()
}

process.on('message', (message) => void (message.call === 'end' ? end() : obey(message)))
const lives = Promise.all(
  Array.from({ length: clients }, (_, index) => {
    const client = `${name}.${index}`
    return db.session({ key: client }, () => live(client))
  }),
)
process.send({ ready: true })

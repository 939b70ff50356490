// A process of an application that writes all the time. Its settings come as JSON in the first argument;
// the message `stop` ends it, and what it was told has happened goes back as a message.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const settings = JSON.parse(process.argv[2])
const { createLockstep } = await import(settings.entry)
const { name, writers, options, restMs = 0, reads = false } = settings
let armed = null
const reach = (point) => {
  if (point !== armed) return
  armed = null
  process.kill(process.pid, 'SIGSTOP')
}
const db = await createLockstep({ ...options, testing: { reach } })
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

const ledger = {
  items: {},
  deleted: [],
  counters: {},
  moves: [],
  unknown: [],
  errors: [],
  writes: 0,
}
const events = {}
for (const event of ['breaker', 'degraded', 'leader', 'flags', 'flags-refused', 'fallback']) {
  events[event] = 0
  db.on(event, (data) => {
    events[event] += 1
    process.send({ event, data })
  })
}
db.on('error', ({ error }) => process.send({ event: 'error', data: String(error) }))

const stopping = new AbortController()
let sequence = 0

async function attempt(token, work) {
  try {
    await work()
    ledger.writes++
    return true
  } catch (error) {
    if (error.details?.outcome === 'unknown') ledger.unknown.push(token)
    else ledger.errors.push(`${token} ${error.code ?? error.name}: ${error.message}`)
    return false
  }
}

const insert = async (own) => {
  const token = `${name}-i${sequence++}`
  const done = await attempt(token, () =>
    db.run('INSERT INTO items (token, n) VALUES (?, 0)', [token]),
  )
  if (!done) return
  own.push(token)
  ledger.items[token] = 0
}

const update = async (own) => {
  const token = own[Math.floor(Math.random() * own.length)]
  if (token === undefined || ledger.unknown.includes(token)) return
  const n = ledger.items[token] + 1
  if (await attempt(token, () => db.run('UPDATE items SET n = ? WHERE token = ?', [n, token])))
    ledger.items[token] = n
}

const remove = async (own) => {
  if (own.length < 5) return
  const token = own.shift()
  if (ledger.unknown.includes(token)) return
  delete ledger.items[token]
  if (await attempt(token, () => db.run('DELETE FROM items WHERE token = ?', [token])))
    ledger.deleted.push(token)
}

const upsert = async (_, writer) => {
  const counter = `${name}-c${writer}`
  const sql =
    'INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = counters.n + 1'
  if (await attempt(counter, () => db.run(sql, [counter])))
    ledger.counters[counter] = (ledger.counters[counter] ?? 0) + 1
}

const move = async () => {
  const token = `${name}-m${sequence++}`
  const from = 1 + Math.floor(Math.random() * 200)
  const to = 1 + Math.floor(Math.random() * 200)
  const done = await attempt(token, () =>
    db.transaction(async (tx) => {
      const { balance } = await tx.get('SELECT balance FROM accounts WHERE id = ?', [from])
      await tx.run('UPDATE accounts SET balance = ? WHERE id = ?', [balance - 1, from])
      await tx.run('UPDATE accounts SET balance = balance + 1 WHERE id = ?', [to])
      await tx.run('INSERT INTO moves (token, amount) VALUES (?, 1)', [token])
    }),
  )
  if (done) ledger.moves.push(token)
}

/** Code outside of a session shares the one of its process, which reads its own writes whichever place serves. */
const read = async (own) => {
  const token = own[Math.floor(Math.random() * own.length)]
  if (token === undefined || ledger.unknown.includes(token)) return
  try {
    const row = await db.get('SELECT n FROM items WHERE token = ?', [token])
    if (row?.n !== ledger.items[token])
      ledger.errors.push(`${token} was read as ${row?.n}, not ${ledger.items[token]}`)
  } catch (error) {
    ledger.errors.push(`read ${error.code ?? error.name}: ${error.message}`)
  }
}

const actions = [insert, insert, update, update, remove, upsert, move]
if (reads) actions.push(read, read, read)

async function write(writer) {
  const own = []
  while (!stopping.signal.aborted) {
    await actions[Math.floor(Math.random() * actions.length)](own, writer)
    await new Promise((resolve) =>
      restMs === 0 ? setImmediate(resolve) : setTimeout(resolve, restMs),
    )
  }
}

async function answer(message) {
  if (message.ask === 'status') process.send({ status: await db.status(), writes: ledger.writes })
  if (message.ask === 'leader') process.send({ leader: (await db.status()).applier.leader })
  if (message.ask === 'arm') {
    armed = message.point
    process.send({ armed })
  }
  if (message.ask !== 'stop') return
  stopping.abort()
  await Promise.all(all)
  process.send({ ledger: { ...ledger, stallMs: delay.max / 1e6 }, events })
  await db.close()
  process.disconnect()
}

process.on('message', (message) => void answer(message))

const all = Array.from({ length: writers }, (_, writer) => write(writer))
process.send({ ready: true })

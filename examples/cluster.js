import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { createLockstep, LockstepError } from 'lockstep'

/** @typedef {{ owner: string }} Account */
/** @typedef {{ payer: number, payee: number, amount: number }} Transfer */

// Each worker has a Lockstep of its own. One of them leads and ships, another one takes over where it dies; a flip in
// any process moves all of them. A request that reads what another worker wrote needs the flag `ack: both` while both
// places serve reads, as a process knows its own writes alone.
if (cluster.isPrimary) startWorkers(Number(process.env['WORKERS'] ?? 3))
else await serveRequests()

/** @param {number} count */
function startWorkers(count) {
  const serving = new Set()
  let isStopping = false
  for (let started = 0; started < count; started++) cluster.fork()
  cluster.on('listening', (worker, { port }) => {
    if (serving.size === 0) process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
    serving.add(worker)
  })
  cluster.on('exit', (worker) => {
    // One that could not even start would not do better the next time.
    if (!isStopping && serving.has(worker)) cluster.fork()
  })
  process.once('SIGTERM', () => {
    isStopping = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill()
  })
}

async function serveRequests() {
  const db = await createLockstep({
    sqlite: { path: process.env['LOCKSTEP_SQLITE'] ?? 'bank.db' },
    postgres: { connectionString: process.env['DATABASE_URL'] },
  })
  const server = createServer((request, response) => void respond(db, request, response))
  server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
  await once(process, 'SIGTERM')
  server.close(() => void db.close().then(() => process.disconnect()))
}

/**
 * @param {import('lockstep').Lockstep} db
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function respond(db, request, response) {
  const [status, body] = await answer(db, request).catch(refusal)
  response.writeHead(status, { 'content-type': 'application/json', 'x-worker': process.pid })
  response.end(JSON.stringify(body))
}

/**
 * @param {import('lockstep').Lockstep} db
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<[status: number, body: unknown]>}
 */
async function answer(db, request) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const id = /^\/accounts\/(\d+)$/.exec(pathname)?.[1]
  if (id !== undefined) {
    const account = await db.get('SELECT * FROM accounts WHERE id = ?', [Number(id)])
    return account === undefined ? [404, { error: 'no such account' }] : [200, account]
  }
  switch (`${request.method} ${pathname}`) {
    case 'GET /accounts':
      return [200, await db.all('SELECT * FROM accounts')]
    case 'POST /accounts':
      return [201, await addAccount(db, /** @type {Account} */ (await json(request)))]
    case 'POST /transfers':
      return [201, await transfer(db, /** @type {Transfer} */ (await json(request)))]
    default:
      return [404, { error: 'no such page' }]
  }
}

/**
 * @param {import('lockstep').Lockstep} db
 * @param {Account} account
 */
function addAccount(db, { owner }) {
  return db.get('INSERT INTO accounts (owner) VALUES (?) RETURNING *', [owner])
}

/**
 * @param {import('lockstep').Lockstep} db
 * @param {Transfer} order
 */
function transfer(db, { payer, payee, amount }) {
  const add = 'UPDATE accounts SET balance = balance + ? WHERE id = ?'
  return db.transaction(async (tx) => {
    await tx.run(add, [-amount, payer])
    await tx.run(add, [amount, payee])
    const insert = 'INSERT INTO transfers (payer, payee, amount) VALUES (?, ?, ?) RETURNING *'
    return tx.get(insert, [payer, payee, amount])
  })
}

/**
 * The same codes, whichever place has refused.
 * @param {unknown} error
 * @returns {[status: number, body: unknown]}
 */
function refusal(error) {
  if (error instanceof LockstepError && error.code.startsWith('SQLITE_CONSTRAINT'))
    return [409, { error: error.code }]
  return [500, { error: String(error) }]
}

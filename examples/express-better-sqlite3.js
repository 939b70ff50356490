import express from 'express'
import { createLockstep, LockstepError } from 'lockstep'
import { asyncDatabase } from 'lockstep/better-sqlite3'

// It was: const db = new Database(file), and there was no `await` before the calls.
const db = asyncDatabase(
  await createLockstep({
    sqlite: { path: process.env['LOCKSTEP_SQLITE'] ?? 'bank.db' },
    postgres: { connectionString: process.env['DATABASE_URL'] },
  }),
)

const allAccounts = db.prepare('SELECT * FROM accounts')
const accountById = db.prepare('SELECT * FROM accounts WHERE id = ?')
const addAccount = db.prepare('INSERT INTO accounts (owner) VALUES (@owner)')
const addToBalance = db.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?')
const addTransfer = db.prepare(
  'INSERT INTO transfers (payer, payee, amount) VALUES (@payer, @payee, @amount)',
)

const transfer = db.transaction(
  async (/** @type {{ payer: number, payee: number, amount: number }} */ order) => {
    await addToBalance.run(-order.amount, order.payer)
    await addToBalance.run(order.amount, order.payee)
    return addTransfer.run(order)
  },
)

const app = express()
app.use(express.json())

app.get('/accounts', async (_request, response) => {
  response.json(await allAccounts.all())
})

app.get('/accounts/:id', async (request, response) => {
  const account = await accountById.get(Number(request.params.id))
  if (account === undefined) response.status(404).json({ error: 'no such account' })
  else response.json(account)
})

app.post('/accounts', async (request, response) => {
  const { lastInsertRowid } = await addAccount.run({ owner: request.body.owner })
  response.status(201).json(await accountById.get(lastInsertRowid))
})

app.post('/transfers', async (request, response) => {
  const { lastInsertRowid } = await transfer(request.body)
  response.status(201).json({ id: lastInsertRowid, ...request.body })
})

/** @type {express.ErrorRequestHandler} */
const onError = (error, _request, response, _next) => {
  // The same codes, whichever place has refused.
  if (error instanceof LockstepError && error.code.startsWith('SQLITE_CONSTRAINT'))
    response.status(409).json({ error: error.code })
  else response.status(500).json({ error: String(error) })
}
app.use(onError)

const port = Number(process.env['PORT'] ?? 3000)
const server = app.listen(port, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.stdout.write(`listening on http://127.0.0.1:${address.port}\n`)
})
process.once('SIGTERM', () => {
  server.close(() => void db.close())
})

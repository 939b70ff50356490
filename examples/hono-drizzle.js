import { serve } from '@hono/node-server'
import { DrizzleQueryError, eq, sql } from 'drizzle-orm'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { Hono } from 'hono'
import { createLockstep, LockstepError } from 'lockstep'
import { drizzle } from 'lockstep/drizzle'

const accounts = sqliteTable('accounts', {
  id: integer().primaryKey({ autoIncrement: true }),
  owner: text().notNull().unique(),
  balance: integer().notNull().default(100),
})
const transfers = sqliteTable('transfers', {
  id: integer().primaryKey({ autoIncrement: true }),
  payer: integer().notNull(),
  payee: integer().notNull(),
  amount: integer().notNull(),
})

// It was: drizzle(new Database(file), { schema: { accounts, transfers } })
const client = await createLockstep({
  sqlite: { path: process.env['LOCKSTEP_SQLITE'] ?? 'bank.db' },
  postgres: { connectionString: process.env['DATABASE_URL'] },
})
const db = drizzle(client, { schema: { accounts, transfers } })

/** @param {number} amount */
function add(amount) {
  return { balance: sql`${accounts.balance} + ${amount}` }
}

const app = new Hono()

app.get('/accounts', async (c) => c.json(await db.query.accounts.findMany()))

app.get('/accounts/:id', async (c) => {
  const id = Number(c.req.param('id'))
  const account = await db.query.accounts.findFirst({ where: eq(accounts.id, id) })
  return account === undefined ? c.json({ error: 'no such account' }, 404) : c.json(account)
})

app.post('/accounts', async (c) => {
  const { owner } = await c.req.json()
  return c.json(await db.insert(accounts).values({ owner }).returning().get(), 201)
})

app.post('/transfers', async (c) => {
  const { payer, payee, amount } = await c.req.json()
  const transfer = await db.transaction(async (tx) => {
    await tx.update(accounts).set(add(-amount)).where(eq(accounts.id, payer))
    await tx.update(accounts).set(add(amount)).where(eq(accounts.id, payee))
    return tx.insert(transfers).values({ payer, payee, amount }).returning().get()
  })
  return c.json(transfer, 201)
})

app.onError((error, c) => {
  // The same codes, whichever place has refused.
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  if (cause instanceof LockstepError && cause.code.startsWith('SQLITE_CONSTRAINT'))
    return c.json({ error: cause.code }, 409)
  return c.json({ error: String(cause) }, 500)
})

const port = Number(process.env['PORT'] ?? 3000)
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
  process.stdout.write(`listening on http://127.0.0.1:${address.port}\n`)
})
process.once('SIGTERM', () => {
  server.close(() => void client.close())
})

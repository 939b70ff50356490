import fastify from 'fastify'
import { Kysely } from 'kysely'
import { createLockstep, LockstepError } from 'lockstep'
import { LockstepDialect } from 'lockstep/kysely'

/**
 * @typedef {import('kysely').Generated<number>} Key
 * @typedef {object} Tables
 * @property {{ id: Key, owner: string, balance: import('kysely').Generated<number> }} accounts
 * @property {{ id: Key, payer: number, payee: number, amount: number }} transfers
 */

// It was: new SqliteDialect({ database: new Database(file) })
const dialect = new LockstepDialect(
  await createLockstep({
    sqlite: { path: process.env['LOCKSTEP_SQLITE'] ?? 'bank.db' },
    postgres: { connectionString: process.env['DATABASE_URL'] },
  }),
)
const db = /** @type {Kysely<Tables>} */ (new Kysely({ dialect }))

/**
 * On PostgreSQL a transaction may lose against another one, and kysely's are run again by the application.
 * @template T
 * @param {(tx: import('kysely').Transaction<Tables>) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inTransaction(work, attemptsLeft = 20) {
  try {
    return await db.transaction().execute(work)
  } catch (error) {
    const isLost = error instanceof LockstepError && error.code === 'SERIALIZATION_FAILED'
    if (!isLost || attemptsLeft === 1) throw error
    return inTransaction(work, attemptsLeft - 1)
  }
}

const app = fastify()

app.get('/accounts', () => db.selectFrom('accounts').selectAll().execute())

app.get('/accounts/:id', async (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params)
  const query = db.selectFrom('accounts').selectAll().where('id', '=', Number(id))
  return (await query.executeTakeFirst()) ?? reply.code(404).send({ error: 'no such account' })
})

app.post('/accounts', async (request, reply) => {
  const { owner } = /** @type {{ owner: string }} */ (request.body)
  reply.code(201)
  return db.insertInto('accounts').values({ owner }).returningAll().executeTakeFirstOrThrow()
})

app.post('/transfers', async (request, reply) => {
  const order = /** @type {{ payer: number, payee: number, amount: number }} */ (request.body)
  reply.code(201)
  return inTransaction(async (tx) => {
    const add = (/** @type {number} */ id, /** @type {number} */ amount) =>
      tx
        .updateTable('accounts')
        .set((account) => ({ balance: account('balance', '+', amount) }))
        .where('id', '=', id)
        .execute()
    await add(order.payer, -order.amount)
    await add(order.payee, order.amount)
    return tx.insertInto('transfers').values(order).returningAll().executeTakeFirstOrThrow()
  })
})

app.setErrorHandler((error, _request, reply) => {
  // The same codes, whichever place has refused.
  if (error instanceof LockstepError && error.code.startsWith('SQLITE_CONSTRAINT'))
    return reply.code(409).send({ error: error.code })
  return reply.code(500).send({ error: String(error) })
})

app.addHook('onClose', () => db.destroy())

const port = Number(process.env['PORT'] ?? 3000)
const address = await app.listen({ host: '127.0.0.1', port })
process.stdout.write(`listening on ${address}\n`)
process.once('SIGTERM', () => void app.close())

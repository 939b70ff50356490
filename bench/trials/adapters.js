import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { eq } from 'drizzle-orm'
import { drizzle as plainDrizzle } from 'drizzle-orm/better-sqlite3'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import createKnex from 'knex'
import { Kysely, SqliteDialect } from 'kysely'
import { asyncDatabase } from '#built/adapters/better-sqlite3/index.js'
import { drizzle } from '#built/adapters/drizzle/index.js'
import { lockstepClient } from '#built/adapters/knex/index.js'
import { LockstepDialect } from '#built/adapters/kysely/index.js'
import { PrismaLockstep } from '#built/adapters/prisma/index.js'
import { PrismaClient } from '../../test/adapters/prisma/generated/client.js'
import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { mirrorUsers } from '../users.js'
import { openFile } from '../workspace.js'

const sizes = {
  full: { rounds: 31, reads: 4000, rows: 10_000 },
  tiny: { rounds: 1, reads: 100, rows: 100 },
}
const goal = { atMost: 1.15 }
const users = sqliteTable('users', { id: integer().primaryKey(), name: text() })
const sql = 'SELECT id, name FROM users WHERE id = ?'

/** @typedef {Record<'drizzle' | 'kysely' | 'better-sqlite3' | 'knex' | 'prisma', (id: number) => unknown>} Reads */

/** @type {import('../trial.js').Trial} */
export const adapters = {
  name: 'adapters',
  compares:
    'one row by its key through each adapter in stage `mirror`, against the same call, awaited, through the plain driver',
  async run(workspace, size) {
    const { rounds, reads, rows } = sizes[size]
    const { path, url, db } = await mirrorUsers(workspace, rows)
    const exact = await workspace.open(path, url, { sqlite: { path, safeIntegers: true } })
    const file = openFile(path)
    workspace.defer(() => file.close())
    const config = {
      client: 'better-sqlite3',
      connection: { filename: path },
      useNullAsDefault: true,
    }
    const plainKnex = createKnex(config)
    workspace.defer(() => plainKnex.destroy())
    const knex = createKnex({ client: lockstepClient(db), useNullAsDefault: true })
    const plain = readsWith({
      drizzle: plainDrizzle(file),
      kysely: new Kysely({ dialect: new SqliteDialect({ database: file }) }),
      statement: file.prepare(sql),
      knex: plainKnex,
      prisma: new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: path }) }),
    })
    const ours = readsWith({
      drizzle: drizzle(db),
      kysely: new Kysely({ dialect: new LockstepDialect(db) }),
      statement: asyncDatabase(db).prepare(sql),
      knex,
      prisma: new PrismaClient({ adapter: new PrismaLockstep(exact) }),
    })
    const figures = []
    for (const name of /** @type {(keyof Reads)[]} */ (Object.keys(ours))) {
      const contenders = {
        ours: () => microsecondsPer(reads, rows, ours[name]),
        plain: () => microsecondsPer(reads, rows, plain[name]),
      }
      await interleave(1, contenders)
      const results = await interleave(rounds, contenders)
      const ratios = results.map(({ ours, plain }) => ours / plain)
      figures.push(figure(`${name} over the plain driver`, 'x', ratios, goal))
      figures.push(
        figure(
          `${name} alone`,
          'µs',
          results.map(({ plain }) => plain),
        ),
      )
    }
    return figures
  },
}

/**
 * The same read in the words of each client.
 * @param {{ drizzle: Pick<import('drizzle-orm/sqlite-core').BaseSQLiteDatabase<'sync' | 'async', unknown>, 'select'>, kysely: Kysely<{ users: { id: number, name: string } }>, statement: { get(id: number): unknown }, knex: import('knex').Knex, prisma: PrismaClient }} clients
 * @returns {Reads}
 */
function readsWith({ drizzle, kysely, statement, knex, prisma }) {
  return {
    drizzle: (id) => drizzle.select().from(users).where(eq(users.id, id)).get(),
    kysely: (id) =>
      kysely.selectFrom('users').select(['id', 'name']).where('id', '=', id).executeTakeFirst(),
    'better-sqlite3': (id) => statement.get(id),
    knex: (id) => knex('users').select('id', 'name').where({ id }).first(),
    prisma: (id) => prisma.user.findUnique({ where: { id }, select: { id: true, name: true } }),
  }
}

/**
 * @param {number} count
 * @param {number} rows
 * @param {(id: number) => unknown} read
 */
async function microsecondsPer(count, rows, read) {
  const begun = performance.now()
  for (let index = 0; index < count; index++) await read(((index * 7919) % rows) + 1)
  return ((performance.now() - begun) * 1000) / count
}

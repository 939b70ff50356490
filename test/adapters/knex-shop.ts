import type Sqlite from 'better-sqlite3'
import knex, { type Knex } from 'knex'
import BetterSqlite3Client from 'knex/lib/dialects/better-sqlite3/index.js'
import { lockstepClient } from '../../src/adapters/knex/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { PoorError, type NewUser, type Shop, type User } from './shop.ts'

function knexShop(db: Knex): Shop {
  const insert = async (on: Knex, user: NewUser): Promise<number> => {
    const [row] = await on('users').insert(user).returning<{ id: number }[]>('id')
    return (row as { id: number }).id
  }
  const byId = (on: Knex, id: number): Promise<User | undefined> =>
    on<User>('users').where({ id }).first()
  return {
    addUser: (user) => insert(db, user),
    // The one answer of knex is the key.
    addUserBlindly: async (user) => (await db('users').insert(user)).length,
    user: (id) => byId(db, id),
    userByEmail: (email) => db<User>('users').where({ email }).first(),
    users: () => db<User>('users').select('*').orderBy('id'),
    countUsers: async () => {
      const [row] = await db('users').count<{ n: number }[]>({ n: '*' })
      return (row as { n: number }).n
    },
    rename: (id, name) => db('users').where({ id }).update({ name }),
    removeUser: (id) => db('users').where({ id }).delete(),
    addPost: async ({ userId, title }) => {
      const query = db('posts').insert({ user_id: userId, title })
      const [row] = await query.returning<{ id: number }[]>('id')
      return (row as { id: number }).id
    },
    postsWithAuthors: () =>
      db('posts')
        .leftJoin('users', 'users.id', 'posts.user_id')
        .select('posts.id', 'posts.title', { author: 'users.name' })
        .orderBy('posts.id'),
    setSetting: async (key, value) => {
      const query = db('settings').insert({ key, value }).onConflict('key').merge()
      const [row] = await query.returning<{ key: string; value: string }[]>('*')
      return row as { key: string; value: string }
    },
    settings: () => db('settings').select('*'),
    raw: (text, params) => db.raw<unknown[]>(text, [...params] as Knex.RawBinding[]),
    together: (list) =>
      db.transaction(async (tx) => {
        for (const user of list) await tx('users').insert(user)
      }),
    transfer: async (from, to, points) => {
      // The other way of knex: the application ends the transaction itself.
      const tx = await db.transaction()
      try {
        if (((await byId(tx, from))?.points ?? 0) < points) throw new PoorError('poor')
        await tx('users').where({ id: from }).decrement('points', points)
        await tx('users').where({ id: to }).increment('points', points)
        await tx.commit()
      } catch (error) {
        await tx.rollback()
        throw error
      }
    },
    nested: (outer, inner) =>
      db.transaction(async (tx) => {
        await insert(tx, outer)
        const said = await tx
          .transaction(async (part) => {
            await insert(part, inner)
            return 'both'
          })
          .catch(() => 'outer')
        const [row] = await tx('users').count<{ n: number }[]>({ n: '*' })
        return `${said} of ${row?.n}`
      }),
    stream: async () => {
      const names: string[] = []
      for await (const { name } of db('users').select('name').orderBy('id').stream())
        names.push(String(name))
      return names
    },
  }
}

export function lockstepKnex(db: Lockstep): Shop {
  return knexShop(knex({ client: lockstepClient(db), useNullAsDefault: true }))
}

/** knex with its client for better-sqlite3, on a file that is open already. */
export function knexOn(file: Sqlite.Database): Knex {
  class Client extends BetterSqlite3Client {
    override async acquireRawConnection(): Promise<Sqlite.Database> {
      return file
    }
    override async destroyRawConnection(): Promise<void> {}
  }
  return knex({ client: Client, useNullAsDefault: true, connection: { filename: '' } })
}

export function plainKnex(file: Sqlite.Database): Shop {
  return knexShop(knexOn(file))
}

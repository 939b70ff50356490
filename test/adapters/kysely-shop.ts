import type Sqlite from 'better-sqlite3'
import { CompiledQuery, Kysely, SqliteDialect, sql, type Generated } from 'kysely'
import { LockstepDialect } from '../../src/adapters/kysely/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { PoorError, type NewUser, type Shop, type User } from './shop.ts'

export interface Tables {
  users: {
    id: Generated<number>
    name: string
    email: string | null
    points: Generated<number>
    score: number | null
    avatar: Buffer | null
  }
  posts: { id: Generated<number>; user_id: number | null; title: string }
  settings: { key: string; value: string }
}

export function kyselyShop(db: Kysely<Tables>): Shop {
  const insert = async (on: Kysely<Tables>, user: NewUser): Promise<number> => {
    const row = await on.insertInto('users').values(user).returning('id').executeTakeFirstOrThrow()
    return row.id
  }
  const byId = (on: Kysely<Tables>, id: number): Promise<User | undefined> =>
    on.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
  return {
    addUser: (user) => insert(db, user),
    addUserBlindly: async (user) => {
      const result = await db.insertInto('users').values(user).executeTakeFirstOrThrow()
      return Number(result.numInsertedOrUpdatedRows)
    },
    user: (id) => byId(db, id),
    userByEmail: (email) =>
      db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst(),
    users: () => db.selectFrom('users').selectAll().orderBy('id').execute(),
    countUsers: async () => {
      const { n } = await db
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return n
    },
    rename: async (id, name) => {
      const query = db.updateTable('users').set({ name }).where('id', '=', id)
      return Number((await query.executeTakeFirst()).numUpdatedRows)
    },
    removeUser: async (id) => {
      const result = await db.deleteFrom('users').where('id', '=', id).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
    addPost: async ({ userId, title }) => {
      const post = { user_id: userId, title }
      const query = db.insertInto('posts').values(post).returning('id')
      return (await query.executeTakeFirstOrThrow()).id
    },
    postsWithAuthors: () =>
      db
        .selectFrom('posts')
        .leftJoin('users', 'users.id', 'posts.user_id')
        .select(['posts.id', 'posts.title', 'users.name as author'])
        .orderBy('posts.id')
        .execute(),
    setSetting: (key, value) =>
      db
        .insertInto('settings')
        .values({ key, value })
        .onConflict((on) => on.column('key').doUpdateSet({ value }))
        .returningAll()
        .executeTakeFirstOrThrow(),
    settings: () => db.selectFrom('settings').selectAll().execute(),
    raw: async (text, params) => (await db.executeQuery(CompiledQuery.raw(text, [...params]))).rows,
    together: (list) =>
      db.transaction().execute(async (tx) => {
        for (const user of list) await tx.insertInto('users').values(user).execute()
      }),
    transfer: (from, to, points) =>
      db.transaction().execute(async (tx) => {
        if (((await byId(tx, from))?.points ?? 0) < points) throw new PoorError('poor')
        const add = (id: number, by: number): Promise<unknown> =>
          tx
            .updateTable('users')
            .set((on) => ({ points: on('points', '+', by) }))
            .where('id', '=', id)
            .execute()
        await add(from, -points)
        await add(to, points)
      }),
    nested: async (outer, inner) => {
      const tx = await db.startTransaction().execute()
      await insert(tx, outer)
      const part = await tx.savepoint('part').execute()
      let said = 'both'
      try {
        await insert(part, inner)
        await part.releaseSavepoint('part').execute()
      } catch {
        await part.rollbackToSavepoint('part').execute()
        said = 'outer'
      }
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM users`.execute(tx)
      await tx.commit().execute()
      return `${said} of ${rows[0]?.n}`
    },
    stream: async () => {
      const names: string[] = []
      for await (const { name } of db.selectFrom('users').select('name').orderBy('id').stream())
        names.push(name)
      return names
    },
  }
}

export function lockstepKysely(database: Lockstep): Shop {
  return kyselyShop(new Kysely<Tables>({ dialect: new LockstepDialect({ database }) }))
}

export function plainKysely(database: Sqlite.Database): Shop {
  return kyselyShop(new Kysely<Tables>({ dialect: new SqliteDialect({ database }) }))
}

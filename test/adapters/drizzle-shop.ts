import type Sqlite from 'better-sqlite3'
import { asc, eq, relations, sql, type SQL } from 'drizzle-orm'
import {
  blob,
  integer,
  real,
  sqliteTable,
  text,
  type BaseSQLiteDatabase,
} from 'drizzle-orm/sqlite-core'
import { drizzle as drizzleProxy } from 'drizzle-orm/sqlite-proxy'
import { drizzle } from '../../src/adapters/drizzle/index.ts'
import type { Lockstep, RunResult } from '../../src/api.ts'
import { PoorError, type NewUser, type Shop } from './shop.ts'

const users = sqliteTable('users', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  email: text('email').unique(),
  points: integer('points').notNull().default(10),
  score: real('score'),
  avatar: blob('avatar', { mode: 'buffer' }),
})

const posts = sqliteTable('posts', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
})

const settings = sqliteTable('settings', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
})

const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }))
const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.userId], references: [users.id] }),
}))

const schema = { users, posts, settings, usersRelations, postsRelations }

type Database = BaseSQLiteDatabase<'async', unknown, typeof schema>

/** What drivers do each in their way. */
interface Ways {
  readonly changesOf: (result: unknown) => number
  readonly raw: (query: SQL) => Promise<unknown[]>
}

function drizzleShop(db: Database, { changesOf, raw }: Ways): Shop {
  const byEmail = db
    .select()
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare()
  const insert = async (on: Database, user: NewUser): Promise<number> => {
    const [row] = await on.insert(users).values(user).returning({ id: users.id })
    return (row as { id: number }).id
  }
  return {
    addUser: (user) => insert(db, user),
    addUserBlindly: async (user) => changesOf(await db.insert(users).values(user)),
    user: (id) => db.query.users.findFirst({ where: eq(users.id, id) }),
    userByEmail: (email) => byEmail.get({ email }),
    users: () => db.select().from(users).orderBy(asc(users.id)),
    countUsers: () => db.$count(users),
    rename: async (id, name) =>
      changesOf(await db.update(users).set({ name }).where(eq(users.id, id)).run()),
    removeUser: async (id) => (await db.delete(users).where(eq(users.id, id)).returning()).length,
    addPost: async (post) => {
      const row = await db.insert(posts).values(post).returning().get()
      return row.id
    },
    postsWithAuthors: async () => {
      const found = await db.query.posts.findMany({
        with: { author: true },
        orderBy: asc(posts.id),
      })
      return found.map(({ id, title, author }) => ({ id, title, author: author?.name ?? null }))
    },
    setSetting: async (key, value) => {
      const [row] = await db
        .insert(settings)
        .values({ key, value })
        .onConflictDoUpdate({ target: settings.key, set: { value } })
        .returning()
      return row as { key: string; value: string }
    },
    settings: () => db.select().from(settings).all(),
    raw: (text, params) => raw(fill(text, params)),
    together: (list) =>
      db.transaction(async (tx) => {
        for (const user of list) await tx.insert(users).values(user)
      }),
    transfer: (from, to, points) =>
      db.transaction(async (tx) => {
        const [giver] = await tx.select().from(users).where(eq(users.id, from))
        if ((giver?.points ?? 0) < points) throw new PoorError('poor')
        const add = (id: number, by: number): Promise<unknown> =>
          tx
            .update(users)
            .set({ points: sql`${users.points} + ${by}` })
            .where(eq(users.id, id))
            .execute()
        await add(from, -points)
        await add(to, points)
      }),
    nested: (outer, inner) =>
      db.transaction(async (tx) => {
        await insert(tx, outer)
        const said = await tx
          .transaction(async (part) => {
            await insert(part, inner)
            return 'both'
          })
          .catch(() => 'outer')
        return `${said} of ${await tx.$count(users)}`
      }),
    stream: async () => {
      const rows = await db.select({ name: users.name }).from(users).orderBy(users.id).values()
      return rows.map(([name]) => String(name))
    },
  }
}

function fill(text: string, params: readonly unknown[]): SQL {
  const chunks = text.split('?').map((part) => sql.raw(part))
  return sql.join(
    chunks.flatMap((part, index) => (index === 0 ? [part] : [sql`${params[index - 1]}`, part])),
  )
}

export function lockstepDrizzle(client: Lockstep): Shop {
  const db = drizzle(client, { schema })
  return drizzleShop(db, {
    changesOf: (result) => (result as RunResult).changes,
    raw: async (query) => db.all(query),
  })
}

/** One of drizzle's own asynchronous drivers, over SQLite alone. */
export function plainDrizzle(file: Sqlite.Database): Shop {
  const db = drizzleProxy(
    async (text, params: unknown[], method) => {
      const statement = file.prepare(text)
      if (method === 'run') return { rows: [statement.run(...params)] }
      if (!statement.reader) return { rows: [] }
      const rows = statement.raw().all(...params)
      return { rows: method === 'get' ? (rows[0] as unknown[]) : rows }
    },
    { schema },
  )
  return drizzleShop(db, {
    changesOf: (result) => (result as { rows: RunResult[] }).rows[0]?.changes ?? 0,
    // The proxy has no rows as objects, which drizzle's driver for better-sqlite3 gives.
    raw: async (query) => {
      const { sql: text, params } = db.all(query).getQuery()
      return file.prepare(text).all(...params)
    },
  })
}

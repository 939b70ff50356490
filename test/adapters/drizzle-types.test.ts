import { relations, sql } from 'drizzle-orm'
import type { LibSQLDatabase } from 'drizzle-orm/libsql'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { expectTypeOf, test } from 'vitest'
import type {
  drizzle,
  LockstepDatabase,
  LockstepTransaction,
} from '../../src/adapters/drizzle/index.ts'
import type { Lockstep, RunResult } from '../../src/api.ts'

const users = sqliteTable('users', {
  id: integer().primaryKey(),
  name: text().notNull(),
  meta: text({ mode: 'json' }).$type<{ admin: boolean }>(),
})
const posts = sqliteTable('posts', { id: integer().primaryKey(), userId: integer().notNull() })
const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }))
const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.userId], references: [users.id] }),
}))
const schema = { users, posts, usersRelations, postsRelations }

type Schema = typeof schema
interface User {
  id: number
  name: string
  meta: { admin: boolean } | null
}

test('types flow through as they do with a driver of drizzle itself', () => {
  // Never called: what counts is what the compiler makes of it.
  const check = async (
    db: LockstepDatabase<Schema>,
    theirs: LibSQLDatabase<Schema>,
    tx: LockstepTransaction<Schema, never>,
  ): Promise<void> => {
    expectTypeOf(await db.select().from(users)).toEqualTypeOf<User[]>()
    expectTypeOf(db.select().from(users).get()).resolves.toEqualTypeOf<User | undefined>()
    expectTypeOf(db.insert(users).values({ name: 'a' })).resolves.toEqualTypeOf<RunResult>()
    expectTypeOf(
      await db.insert(users).values({ name: 'a' }).returning({ id: users.id }),
    ).toEqualTypeOf<{ id: number }[]>()
    expectTypeOf(db.run(sql`DELETE FROM users`)).resolves.toEqualTypeOf<RunResult>()
    expectTypeOf(db.$count(users)).resolves.toBeNumber()
    expectTypeOf(db.query.users.findMany({ with: { posts: true } })).resolves.toEqualTypeOf<
      Awaited<ReturnType<typeof theirs.query.users.findMany<{ with: { posts: true } }>>>
    >()
    expectTypeOf(
      await db.batch([db.select().from(users), db.insert(users).values({ name: 'a' })]),
    ).toEqualTypeOf<[User[], RunResult]>()
    expectTypeOf(db.transaction(async () => 7)).resolves.toBeNumber()
    expectTypeOf<ReturnType<typeof tx.rollback>>().toBeNever()
    // @ts-expect-error a column that is not there
    await db.insert(users).values({ name: 'a', nobody: 1 })
    // @ts-expect-error no function of a nested transaction
    await tx.transaction(7)
  }
  expectTypeOf(check).toBeFunction()
  expectTypeOf<ReturnType<typeof drizzle<Schema>>>().toEqualTypeOf<
    LockstepDatabase<Schema> & { $client: Lockstep }
  >()
})

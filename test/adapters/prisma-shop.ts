import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaLockstep } from '../../src/adapters/prisma/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { PrismaClient, type Prisma } from './prisma/generated/client.js'
import { PoorError, shopSchema, type NewUser, type Shop, type User } from './shop.ts'

function prismaShop(db: PrismaClient): Shop {
  return {
    addUser: (user) => insert(db, user),
    addUserBlindly: async (user) => (await db.user.createMany({ data: [rowOf(user)] })).count,
    user: (id) => byId(db, id),
    userByEmail: async (email) => found(await db.user.findUnique({ where: { email } })),
    users: async () => (await db.user.findMany({ orderBy: { id: 'asc' } })).map(userOf),
    countUsers: () => db.user.count(),
    rename: async (id, name) => {
      const { count } = await db.user.updateMany({ where: { id }, data: { name } })
      return count
    },
    removeUser: async (id) => (await db.user.deleteMany({ where: { id } })).count,
    addPost: async (data) => (await db.post.create({ data, select: { id: true } })).id,
    postsWithAuthors: async () => {
      const posts = await db.post.findMany({ include: { user: true }, orderBy: { id: 'asc' } })
      return posts.map(({ id, title, user }) => ({ id, title, author: user?.name ?? null }))
    },
    setSetting: (key, value) =>
      db.setting.upsert({ where: { key }, create: { key, value }, update: { value } }),
    settings: () => db.setting.findMany(),
    raw: (text, params) => db.$queryRawUnsafe(text, ...params),
    together: async (list) => {
      await db.$transaction(list.map((user) => db.user.create({ data: rowOf(user) })))
    },
    transfer: (from, to, points) =>
      db.$transaction(async (tx) => {
        if (((await byId(tx, from))?.points ?? 0) < points) throw new PoorError('poor')
        const add = (id: number, by: number): Promise<unknown> =>
          tx.user.update({ where: { id }, data: { points: { increment: by } } })
        await add(from, -points)
        await add(to, points)
      }),
    nested: (outer, inner) =>
      db.$transaction(async (tx) => {
        await insert(tx, outer)
        const said = await tx
          .$transaction((part) => insert(part, inner))
          .then(() => 'both')
          .catch(() => 'outer')
        return `${said} of ${await tx.user.count()}`
      }),
    stream: async () => {
      const rows = await db.user.findMany({ select: { name: true }, orderBy: { id: 'asc' } })
      return rows.map(({ name }) => name)
    },
  }
}

async function insert(db: Prisma.TransactionClient, user: NewUser): Promise<number> {
  return (await db.user.create({ data: rowOf(user) })).id
}

async function byId(db: Prisma.TransactionClient, id: number): Promise<User | undefined> {
  return found(await db.user.findUnique({ where: { id } }))
}

/** Prisma takes bytes that are nobody else's memory. */
function rowOf({ avatar, ...user }: NewUser): Prisma.UserCreateManyInput {
  return { ...user, ...(avatar === undefined ? {} : { avatar: avatar && new Uint8Array(avatar) }) }
}

type Row = Omit<User, 'avatar'> & { avatar: Uint8Array | null }

function found(row: Row | null): User | undefined {
  return row === null ? undefined : userOf(row)
}

function userOf(row: Row): User {
  return { ...row, avatar: row.avatar && Buffer.from(row.avatar) }
}

export function prismaOf(adapter: SqlDriverAdapterFactory): PrismaClient {
  // Messages without the place in the text of a test.
  return new PrismaClient({ adapter, errorFormat: 'minimal' })
}

/** Prisma's own adapter opens its database itself. */
export function plainAdapter(schema: string): SqlDriverAdapterFactory {
  const inner = new PrismaBetterSqlite3({ url: ':memory:' })
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connect: async () => {
      const adapter = await inner.connect()
      await adapter.executeScript(schema)
      return adapter
    },
  }
}

export function lockstepPrisma(database: Lockstep): Shop {
  return prismaShop(prismaOf(new PrismaLockstep(database)))
}

export function plainPrisma(): Shop {
  return prismaShop(prismaOf(plainAdapter(shopSchema)))
}

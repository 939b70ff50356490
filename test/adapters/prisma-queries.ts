import { Prisma, type PrismaClient } from './prisma/generated/client.js'
import { shopSchema } from './shop.ts'

/** As Prisma's migrations declare a column of each type. */
const thingsSchema = `CREATE TABLE things (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, big BIGINT, ratio REAL, price DECIMAL, flag BOOLEAN, at DATETIME,
  data JSONB, bytes BLOB, text TEXT, updated DATETIME NOT NULL)`
export const schema: string = `${shopSchema};${thingsSchema}`

/** As migrations of Prisma are: a new model, and a column of it that is to be NOT NULL. */
export const createTags = `-- CreateTable
CREATE TABLE "Tag" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- AlterTable
ALTER TABLE "Tag" ADD COLUMN "more" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "Tag_name_key" ON "Tag"("name");

INSERT INTO "Tag" ("name") VALUES ('a');
`
export const remakeTags = `-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Tag" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "more" TEXT NOT NULL DEFAULT 'none'
);
INSERT INTO "new_Tag" ("at", "id", "more", "name") SELECT "at", "id", coalesce("more", 'none') AS "more", "name" FROM "Tag";
DROP TABLE "Tag";
ALTER TABLE "new_Tag" RENAME TO "Tag";
CREATE UNIQUE INDEX "Tag_name_key" ON "Tag"("name");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
`

export type Query = readonly [what: string, run: (db: PrismaClient) => Promise<unknown>]

const at = new Date('2024-02-29T12:34:56.789Z')
const updated = new Date('2020-01-01T00:00:00.000Z')
const full: Prisma.ThingCreateInput = {
  big: 9_007_199_254_740_993n,
  ratio: 0.1,
  price: new Prisma.Decimal('12.34'),
  flag: true,
  at,
  data: { list: [1, 'two', null], text: 'a' },
  bytes: new Uint8Array([0, 1, 255]),
  text: 'ä',
  updated,
}

/** What an application asks of Prisma, one after the other, on one database. */
export const queries: readonly Query[] = [
  ['a value of each type', (db) => db.thing.create({ data: full })],
  [
    'whole numbers for fractions',
    (db) => db.thing.create({ data: { ratio: 2, price: 3, big: 4n, flag: false, updated } }),
  ],
  ['all of them', (db) => db.thing.findMany({ orderBy: { id: 'asc' } })],
  ['by each type', (db) => db.thing.findMany({ where: { big: full.big as bigint, ratio: 0.1 } })],
  ['by a flag', (db) => db.thing.findMany({ where: { flag: false } })],
  ['by an instant', (db) => db.thing.findMany({ where: { at: { gte: at, lt: new Date() } } })],
  ['by a decimal', (db) => db.thing.findMany({ where: { price: { gt: '12.3' } } })],
  ['by bytes', (db) => db.thing.findMany({ where: { bytes: new Uint8Array([0, 1, 255]) } })],
  ['by a part of a text', (db) => db.thing.findMany({ where: { text: { contains: 'Ä' } } })],
  ['by JSON', (db) => db.thing.findMany({ where: { data: { path: '$.text', equals: 'a' } } })],
  ['by several', (db) => db.thing.findMany({ where: { id: { in: [1, 2, 3] }, NOT: { id: 2 } } })],
  ['a page', (db) => db.thing.findMany({ skip: 1, take: 5, orderBy: { id: 'asc' } })],
  ['a page from a row on', (db) => db.thing.findMany({ cursor: { id: 2 }, take: -1 })],
  ['sums', (db) => db.thing.aggregate({ _sum: { ratio: true, price: true }, _avg: { id: true } })],
  [
    'groups',
    (db) =>
      db.thing.groupBy({
        by: ['flag'],
        _count: true,
        _max: { big: true },
        orderBy: { flag: 'asc' },
      }),
  ],
  [
    'arithmetic',
    (db) => db.thing.update({ where: { id: 1 }, data: { ratio: { multiply: 3 }, updated } }),
  ],
  [
    'rows with their children',
    (db) =>
      db.user.create({
        data: { name: 'Ann', email: 'ann@x', posts: { create: [{ title: 'a' }, { title: 'b' }] } },
        include: { posts: { select: { id: true, title: true }, orderBy: { id: 'asc' } } },
      }),
  ],
  [
    'a parent that is made where there is none',
    (db) =>
      db.post.create({
        data: {
          title: 'c',
          user: {
            connectOrCreate: { where: { email: 'b@x' }, create: { name: 'Bob', email: 'b@x' } },
          },
        },
        include: { user: true },
      }),
  ],
  [
    'by what children there are',
    (db) => db.user.findMany({ where: { posts: { some: { title: { startsWith: 'c' } } } } }),
  ],
  [
    'counts of children',
    (db) =>
      db.user.findMany({
        select: { name: true, _count: { select: { posts: true } } },
        orderBy: { id: 'asc' },
      }),
  ],
  [
    'several rows',
    (db) =>
      db.setting.createMany({
        data: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      }),
  ],
  [
    'several rows, returned',
    (db) => db.setting.createManyAndReturn({ data: [{ key: 'c', value: '3' }] }),
  ],
  [
    'an upsert that inserts',
    (db) =>
      db.user.upsert({
        where: { email: 'u@x' },
        create: { name: 'U', email: 'u@x' },
        update: { points: 1 },
      }),
  ],
  [
    'an upsert that changes',
    (db) =>
      db.user.upsert({
        where: { email: 'u@x' },
        create: { name: 'U', email: 'u@x' },
        update: { points: 1 },
      }),
  ],
  ['a key twice', (db) => db.setting.create({ data: { key: 'a', value: '1' } })],
  ['an unique value twice', (db) => db.user.create({ data: { name: 'Cy', email: 'ann@x' } })],
  ['a missing parent', (db) => db.post.create({ data: { title: 'd', userId: 99 } })],
  ['a check', (db) => db.user.create({ data: { name: 'Cy', points: -1 } })],
  ['no row to change', (db) => db.user.update({ where: { id: 99 }, data: { name: 'x' } })],
  ['no row to delete', (db) => db.user.delete({ where: { id: 99 } })],
  ['no row at all', (db) => db.user.findUniqueOrThrow({ where: { id: 99 } })],
  ['raw rows of a table', (db) => db.$queryRaw`SELECT * FROM things ORDER BY id`],
  [
    'raw expressions',
    (db) =>
      db.$queryRaw`SELECT count(*) AS n, 1.5 AS f, 'x' AS t, NULL AS z, max(ratio) AS m FROM things`,
  ],
  [
    'raw columns of one name',
    (db) =>
      db.$queryRaw`SELECT u.id, p.id FROM users u JOIN posts p ON p.user_id = u.id ORDER BY p.id`,
  ],
  [
    'raw parameters',
    (db) =>
      db.$queryRaw`SELECT id FROM users WHERE name = ${'Ann'} AND points = ${10} AND id < ${5n}`,
  ],
  ['a raw query without rows', (db) => db.$queryRaw`UPDATE users SET points = 11 WHERE id = 1`],
  [
    'a raw query that returns what it writes',
    (db) => db.$queryRaw`UPDATE users SET points = 12 WHERE id = 1 RETURNING id, points`,
  ],
  ['a raw statement', (db) => db.$executeRaw`UPDATE users SET points = points + 1`],
  ['a raw statement with rows', (db) => db.$executeRaw`SELECT 1`],
  ['raw NULL where none may be', (db) => db.$executeRaw`INSERT INTO users (name) VALUES (NULL)`],
  ['a missing table', (db) => db.$queryRaw`SELECT 1 FROM nowhere`],
  ['a missing column', (db) => db.$queryRaw`SELECT nothing FROM users`],
  ['a missing column of an INSERT', (db) => db.$executeRaw`INSERT INTO users (nothing) VALUES (1)`],
  ['what is no SQL', (db) => db.$queryRaw`SELEC 1`],
  ['too few parameters', (db) => db.$queryRawUnsafe('SELECT ? + ?', 1)],
  [
    'an isolation that SQLite has not',
    (db) => db.$transaction([db.user.count()], { isolationLevel: 'ReadCommitted' as never }),
  ],
  [
    'an isolation that it has',
    (db) => db.$transaction([db.user.count()], { isolationLevel: 'Serializable' }),
  ],
  ['delete', (db) => db.user.deleteMany({ where: { name: 'Ann' } })],
  ['what the cascade left', (db) => db.post.findMany()],
]

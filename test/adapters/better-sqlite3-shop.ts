import type Sqlite from 'better-sqlite3'
import { asyncDatabase, syncDatabase } from '../../src/adapters/better-sqlite3/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { PoorError, type NewUser, type Shop, type User } from './shop.ts'

const sql = {
  addUser:
    'INSERT INTO users (name, email, points, avatar) VALUES (@name, @email, @points, @avatar)',
  user: 'SELECT * FROM users WHERE id = ?',
  byEmail: 'SELECT * FROM users WHERE email = $email',
  users: 'SELECT * FROM users ORDER BY id',
  count: 'SELECT count(*) FROM users',
  rename: 'UPDATE users SET name = ? WHERE id = ?',
  remove: 'DELETE FROM users WHERE id = ?',
  addPost: 'INSERT INTO posts (user_id, title) VALUES (?, ?) RETURNING id',
  posts: `SELECT posts.id, posts.title, users.name, users.id FROM posts
    LEFT JOIN users ON users.id = posts.user_id ORDER BY posts.id`,
  setSetting: `INSERT INTO settings (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING *`,
  settings: 'SELECT * FROM settings',
  add: 'UPDATE users SET points = points + ? WHERE id = ?',
  names: 'SELECT name FROM users ORDER BY id',
}

interface Joined {
  posts: { id: number; title: string }
  users: { name: string | null; id: number | null }
}

function valuesOf({ name, email, points = 10, avatar = null }: NewUser): Record<string, unknown> {
  return { name, email, points, avatar }
}

function plainPost({ posts, users }: Joined): { id: number; title: string; author: string | null } {
  return { ...posts, author: users.name }
}

/** Over Lockstep's asynchronous mirror. */
export function asyncShop(lockstep: Lockstep): Shop {
  const db = asyncDatabase(lockstep)
  const insertUser = db.prepare(sql.addUser)
  const byId = db.prepare<User>(sql.user)
  const byEmail = db.prepare<User>(sql.byEmail)
  const add = db.prepare(sql.add)
  const addUser = async (user: NewUser): Promise<number> =>
    Number((await insertUser.run(valuesOf(user))).lastInsertRowid)
  const inner = db.transaction(addUser)
  return {
    addUser,
    addUserBlindly: async (user) => (await insertUser.run(valuesOf(user))).changes,
    user: (id) => byId.get(id),
    userByEmail: (email) => byEmail.get({ email }),
    users: () => db.prepare<User>(sql.users).all(),
    countUsers: async () => (await db.prepare<number>(sql.count).pluck().get()) ?? 0,
    rename: async (id, name) => (await db.prepare(sql.rename).run(name, id)).changes,
    removeUser: async (id) => (await db.prepare(sql.remove).bind(id).run()).changes,
    addPost: async ({ userId, title }) =>
      (await db.prepare<number>(sql.addPost).pluck().get([userId, title])) as number,
    postsWithAuthors: async () =>
      (await db.prepare<Joined>(sql.posts).expand().all()).map(plainPost),
    setSetting: async (...setting) => {
      const query = db.prepare<{ key: string; value: string }>(sql.setSetting)
      return (await query.get(...setting)) as { key: string; value: string }
    },
    settings: () => db.prepare<{ key: string; value: string }>(sql.settings).all(),
    raw: (text, params) => db.prepare(text).all(params),
    together: db.transaction(async (list) => {
      for (const user of list) await insertUser.run(valuesOf(user))
    }),
    transfer: db.transaction(async (from, to, points) => {
      if (((await byId.get(from))?.points ?? 0) < points) throw new PoorError('poor')
      await add.run(-points, from)
      await add.run(points, to)
    }),
    nested: db.transaction(async (outer, part) => {
      await addUser(outer)
      const said = await inner(part).then(
        () => 'both',
        () => 'outer',
      )
      return `${said} of ${await db.prepare<number>(sql.count).pluck().get()}`
    }),
    stream: async () => {
      const names: string[] = []
      for await (const name of db.prepare<string>(sql.names).pluck().iterate()) names.push(name)
      return names
    },
  }
}

/** Over better-sqlite3, or what stands in its place. */
export function syncShop(db: Sqlite.Database): Shop {
  const insertUser = db.prepare<[Record<string, unknown>]>(sql.addUser)
  const byId = db.prepare<[number], User>(sql.user)
  const byEmail = db.prepare<[{ email: string }], User>(sql.byEmail)
  const add = db.prepare(sql.add)
  const addUser = (user: NewUser): number => Number(insertUser.run(valuesOf(user)).lastInsertRowid)
  const inner = db.transaction(addUser)
  const together = db.transaction((list: readonly NewUser[]) => {
    for (const user of list) insertUser.run(valuesOf(user))
  })
  const transfer = db.transaction((from: number, to: number, points: number) => {
    if ((byId.get(from)?.points ?? 0) < points) throw new PoorError('poor')
    add.run(-points, from)
    add.run(points, to)
  })
  const nested = db.transaction((outer: NewUser, part: NewUser) => {
    addUser(outer)
    let said = 'both'
    try {
      inner(part)
    } catch {
      said = 'outer'
    }
    return `${said} of ${String(db.prepare(sql.count).pluck().get())}`
  })
  return {
    addUser: async (user) => addUser(user),
    addUserBlindly: async (user) => insertUser.run(valuesOf(user)).changes,
    user: async (id) => byId.get(id),
    userByEmail: async (email) => byEmail.get({ email }),
    users: async () => db.prepare<[], User>(sql.users).all(),
    countUsers: async () => db.prepare(sql.count).pluck().get() as number,
    rename: async (id, name) => db.prepare(sql.rename).run(name, id).changes,
    removeUser: async (id) => db.prepare(sql.remove).bind(id).run().changes,
    addPost: async ({ userId, title }) =>
      db.prepare(sql.addPost).pluck().get([userId, title]) as number,
    postsWithAuthors: async () => db.prepare<[], Joined>(sql.posts).expand().all().map(plainPost),
    setSetting: async (...setting) =>
      db.prepare(sql.setSetting).get(...setting) as { key: string; value: string },
    settings: async () => db.prepare<[], { key: string; value: string }>(sql.settings).all(),
    raw: async (text, params) => db.prepare(text).all(params),
    together: async (list) => together(list),
    transfer: async (...args) => transfer(...args),
    nested: async (...args) => nested(...args),
    stream: async () => [...db.prepare(sql.names).pluck().iterate()] as string[],
  }
}

export function lockstepSync(lockstep: Lockstep): Shop {
  return syncShop(syncDatabase(lockstep))
}

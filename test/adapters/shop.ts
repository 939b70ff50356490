/** What an application does with its database, in the words of no driver; each adapter's tests say it in theirs. */
export interface Shop {
  /** The new key. */
  addUser(user: NewUser): Promise<number>
  /** Without asking for the row: the rows that were changed. */
  addUserBlindly(user: NewUser): Promise<number>
  user(id: number): Promise<User | undefined>
  /** By a statement that is prepared once, with a parameter by name where the adapter has such. */
  userByEmail(email: string): Promise<User | undefined>
  users(): Promise<User[]>
  countUsers(): Promise<number>
  /** Rows changed. */
  rename(id: number, name: string): Promise<number>
  removeUser(id: number): Promise<number>
  addPost(post: { userId: number | null; title: string }): Promise<number>
  /** A join whose two tables have columns of the same name. */
  postsWithAuthors(): Promise<{ id: number; title: string; author: string | null }[]>
  /** An upsert; what the row holds then. */
  setSetting(key: string, value: string): Promise<{ key: string; value: string }>
  settings(): Promise<{ key: string; value: string }[]>
  /** SQL that the application wrote itself. */
  raw(sql: string, params: readonly unknown[]): Promise<unknown[]>
  /** Several writes as one, the last of which may be refused. */
  together(users: readonly NewUser[]): Promise<void>
  /** Moves points in a transaction; throws `poor` where there are too few. */
  transfer(from: number, to: number, points: number): Promise<void>
  /** A transaction, a part of which fails alone: the outer user stays, the inner one goes. */
  nested(outer: NewUser, inner: NewUser): Promise<string>
  /** Rows one after the other. */
  stream(): Promise<string[]>
}

export interface NewUser {
  readonly name: string
  readonly email: string | null
  readonly points?: number
  readonly avatar?: Buffer | null
}

export interface User {
  id: number
  name: string
  email: string | null
  points: number
  score: number | null
  avatar: Buffer | null
}

export const shopSchema: string = /* sql */ `
  CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    email TEXT UNIQUE,
    points INTEGER NOT NULL DEFAULT 10 CHECK (points >= 0),
    score REAL,
    avatar BLOB
  );
  CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL
  );
  CREATE TABLE settings (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
`

/** The application refuses by itself. */
export class PoorError extends Error {}

type Step = readonly [name: string, run: (shop: Shop) => Promise<unknown>]

const ann: NewUser = { name: 'Ann', email: 'ann@x', points: 30, avatar: Buffer.from([0, 255, 1]) }

/** One after the other, on one database: the answer or the error of each is compared. */
export const steps: readonly Step[] = [
  ['insert, returning the key', (shop) => shop.addUser(ann)],
  ['insert with defaults', (shop) => shop.addUser({ name: 'Bob', email: null })],
  ['insert, returning nothing', (shop) => shop.addUserBlindly({ name: 'Cy', email: 'cy@x' })],
  ['read one', (shop) => shop.user(1)],
  ['read none', (shop) => shop.user(99)],
  ['read by a prepared statement', (shop) => shop.userByEmail('cy@x')],
  ['read by it again', (shop) => shop.userByEmail('ann@x')],
  ['read none by it', (shop) => shop.userByEmail('nobody@x')],
  ['read all', (shop) => shop.users()],
  ['count', (shop) => shop.countUsers()],
  ['a unique value twice', (shop) => shop.addUser({ name: 'Dan', email: 'ann@x' })],
  ['a check', (shop) => shop.addUser({ name: 'Dan', email: 'dan@x', points: -1 })],
  ['NULL where none may be', (shop) => shop.addUser({ name: null as never, email: 'n@x' })],
  ['update', (shop) => shop.rename(2, 'Bobby')],
  ['update none', (shop) => shop.rename(99, 'Nobody')],
  ['insert a child', (shop) => shop.addPost({ userId: 1, title: 'One' })],
  ['insert an orphan', (shop) => shop.addPost({ userId: null, title: 'Two' })],
  ['a missing parent', (shop) => shop.addPost({ userId: 99, title: 'Three' })],
  ['join', (shop) => shop.postsWithAuthors()],
  ['upsert', (shop) => shop.setSetting('theme', 'dark')],
  ['upsert again', (shop) => shop.setSetting('theme', 'light')],
  ['a table with a key of text', (shop) => shop.settings()],
  ['raw SQL', (shop) => shop.raw('SELECT count(*), max(name) AS n FROM users WHERE id < ?', [3])],
  ['raw SQL that is wrong', (shop) => shop.raw('SELECT nothing FROM users', [])],
  ['raw SQL of a missing column', (shop) => shop.raw('SELECT missing FROM users', [])],
  ['raw SQL of a missing table', (shop) => shop.raw('SELECT 1 FROM nowhere', [])],
  ['several as one', (shop) => shop.together([user('e1'), user('e2'), user('e3')])],
  ['several of which one fails', (shop) => shop.together([user('e4'), user('e5'), user('e1')])],
  ['none of those is there', (shop) => shop.userByEmail('e4@x')],
  ['a transaction', (shop) => shop.transfer(1, 2, 25)],
  ['a transaction that throws', (shop) => shop.transfer(1, 2, 25)],
  ['a transaction whose statement fails', (shop) => shop.transfer(1, 2, -2000)],
  ['a nested transaction that fails', (shop) => shop.nested(user('f1'), user('e1'))],
  ['a nested transaction', (shop) => shop.nested(user('f2'), user('f3'))],
  ['stream', (shop) => shop.stream()],
  ['delete with a cascade', (shop) => shop.removeUser(1)],
  ['delete none', (shop) => shop.removeUser(1)],
  ['join after the cascade', (shop) => shop.postsWithAuthors()],
  // Without keys: PostgreSQL leaves numbers out where an insert was refused or rolled back.
  ['read all at the end', async (shop) => (await shop.users()).map((row) => ({ ...row, id: 0 }))],
]

export function user(name: string): NewUser {
  return { name, email: `${name}@x` }
}

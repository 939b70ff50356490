/**
 * Tables in the shapes of those that the traces' applications have: a work list with JSON in text, its sessions, a
 * table of versions, a list of keys and values, what the suite of an ORM makes, and documents.
 */
export const tracedTables = `
  CREATE TABLE versions (id INTEGER PRIMARY KEY, version INTEGER UNIQUE NOT NULL, applied_at TEXT NOT NULL);
  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, content_id TEXT NOT NULL, memory_id TEXT UNIQUE, project TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT 'web', status TEXT NOT NULL DEFAULT 'active', started_at TEXT NOT NULL,
    started_ms INTEGER NOT NULL, port INTEGER);
  CREATE INDEX sessions_content ON sessions (content_id);
  CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, memory_id TEXT NOT NULL, project TEXT NOT NULL, kind TEXT NOT NULL, title TEXT,
    body TEXT, concepts TEXT, tokens INTEGER DEFAULT 0, score REAL, created_at TEXT NOT NULL, created_ms INTEGER NOT NULL,
    hash TEXT, synced_ms INTEGER, device TEXT, rev TEXT NOT NULL DEFAULT '1', UNIQUE (memory_id, hash));
  CREATE INDEX notes_created ON notes (created_ms DESC);
  CREATE INDEX notes_project ON notes (project);
  CREATE TABLE state (k TEXT PRIMARY KEY NOT NULL, v TEXT);
  CREATE TABLE exclusions (kind TEXT NOT NULL, note_id TEXT NOT NULL, rev TEXT NOT NULL, PRIMARY KEY (kind, note_id));
  CREATE TABLE cities (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, verified INTEGER NOT NULL DEFAULT 0, invited_by INTEGER, city_id INTEGER,
    email TEXT COLLATE NOCASE);
  CREATE INDEX people_email ON people (email);
  CREATE TABLE posts (id INTEGER PRIMARY KEY, content TEXT NOT NULL, owner_id INTEGER, created_at TEXT);
  CREATE INDEX posts_owner ON posts (owner_id);
  CREATE TABLE profiles (id INTEGER PRIMARY KEY, doc TEXT NOT NULL, tags TEXT NOT NULL);
`

/**
 * The rows, the same for each run. @param {import('better-sqlite3').Database} db
 * @param {number} rows of the largest table
 */
export function seedTraced(db, rows) {
  /** @param {string} sql @param {number} count @param {(index: number) => unknown[]} values */
  const fill = (sql, count, values) => {
    const insert = db.prepare(sql)
    for (let index = 1; index <= count; index++) insert.run(values(index))
  }
  const sessions = Math.ceil(rows / 20)
  /** @param {number} index */
  const day = (index) => new Date(1_700_000_000_000 + index * 600_000).toISOString()
  db.transaction(() => {
    fill('INSERT INTO versions VALUES (?, ?, ?)', 40, (n) => [BigInt(n), BigInt(n), day(n)])
    fill('INSERT INTO state VALUES (?, ?)', 50, (n) => [`key-${n}`, `value ${n}`])
    fill('INSERT INTO cities VALUES (?, ?)', 20, (n) => [BigInt(n), `City ${n}`])
    fill('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', sessions, (n) => [
      BigInt(n),
      `content-${n}`,
      `memory-${n}`,
      `project-${n % 50}`,
      n % 3 ? 'web' : '',
      n % 4 ? 'completed' : 'active',
      day(n),
      BigInt(1_700_000_000_000 + n * 600_000),
      null,
    ])
    fill('INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', rows, (n) => [
      BigInt(n),
      `memory-${1 + (n % sessions)}`,
      `project-${n % 50}`,
      n % 5 ? 'found' : 'fixed',
      `Title ${n}`,
      `${n} `.repeat(40),
      `["how: it works","tag-${n % 30}"]`,
      BigInt(n % 900),
      n / 7,
      day(n),
      BigInt(1_700_000_000_000 + n * 600_000),
      `hash-${n}`,
      n % 2 ? null : BigInt(n),
      n % 3 ? null : `device-${n % 4}`,
      String(n % 12),
    ])
    fill('INSERT INTO people VALUES (?, ?, ?, ?, ?, ?)', rows, (n) => [
      BigInt(n),
      `Person ${n}`,
      BigInt(n % 2),
      n > 9 ? BigInt(Math.ceil(n / 9)) : null,
      n % 21 ? BigInt(n % 21) : null,
      `person${n}@example.com`,
    ])
    fill('INSERT INTO profiles VALUES (?, ?, ?)', rows, (n) => {
      const tags = ['customer', `tag-${n}`, `group-${n % 30}`]
      const address = { city: `City ${n % 20}`, zip: String(n) }
      const more = { age: n % 90, active: n % 2 === 0, tags, address }
      const doc = { id: n, name: `Person ${n}`, email: `person${n}@example.com`, ...more }
      return [BigInt(n), JSON.stringify(doc), JSON.stringify(tags)]
    })
    fill('INSERT INTO posts VALUES (?, ?, ?, ?)', rows, (n) => {
      return [BigInt(n), `Post ${n}`, BigInt(1 + (n % rows)), day(n).replace('T', ' ').slice(0, 19)]
    })
  })()
}

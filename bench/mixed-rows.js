/** Rows of mixed types, 200 bytes each: texts beyond ASCII, reals, NULLs and blobs. */
export const mixedOnSqlite = `
  CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT, age INTEGER, score REAL,
    active INTEGER NOT NULL DEFAULT 1, created_at TEXT NOT NULL, bio TEXT, avatar BLOB
  );
  CREATE INDEX people_age ON people (age);
  CREATE TABLE events (id INTEGER PRIMARY KEY, note TEXT)`

/** The first table as a plain COPY takes it. */
export const mixedOnPostgres = `
  CREATE TABLE people (
    id bigint, email text NOT NULL, name text, age bigint, score double precision, active bigint NOT NULL,
    created_at text NOT NULL, bio text, avatar bytea
  )`

const insert = 'INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'

/**
 * @param {import('better-sqlite3').Database} db
 * @param {number} rows
 */
export function seedMixed(db, rows) {
  db.exec(mixedOnSqlite)
  const statement = db.prepare(insert)
  db.transaction(() => {
    for (let index = 1; index <= rows; index++) statement.run(...mixedRow(index))
  })()
}

/** @param {number} index */
function mixedRow(index) {
  return [
    index,
    `user${index}@example.com`,
    `Name ${index} Ünïcode\t"q"`,
    index % 90,
    // Digits that no shorter text has.
    ((index * 7919) % 10_007) / 3.3,
    index & 1,
    new Date(1.6e12 + index * 1000).toISOString(),
    index % 5 === 0 ? null : 'lorem ipsum dolor sit amet '.repeat(index % 6),
    index % 7 === 0 ? Buffer.alloc(24, index & 255) : null,
  ]
}

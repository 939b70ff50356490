/** Tables with every kind of key that a write can meet. */
export const tables = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 7, r REAL, b BLOB);
  CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, day TEXT DEFAULT CURRENT_DATE);
  CREATE TABLE loose (a TEXT, b INTEGER DEFAULT (1 + 2));
  CREATE TABLE pairs (x INTEGER NOT NULL, y TEXT NOT NULL, v NUMERIC, PRIMARY KEY (x, y)) WITHOUT ROWID;
  CREATE TABLE words (w TEXT COLLATE NOCASE UNIQUE, c INTEGER DEFAULT 0);
  CREATE TABLE settings (k TEXT PRIMARY KEY NOT NULL, v TEXT);
  CREATE TABLE slots (id INTEGER PRIMARY KEY, room INTEGER, hour INTEGER, live INTEGER NOT NULL DEFAULT 1, tag TEXT, UNIQUE (room, hour));
  CREATE UNIQUE INDEX slots_tag ON slots (tag) WHERE live = 1;
  CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
  CREATE UNIQUE INDEX people_email ON people (lower(email));
  CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE checked (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0), name TEXT NOT NULL DEFAULT 'anon');
  INSERT INTO notes VALUES (1, 'one', 1, 1.5, x'01'), (2, 'two', 2, NULL, NULL), (5, NULL, 5, 2.0, NULL);
  INSERT INTO entries (id, body, day) VALUES (1, 'first', '2024-01-01'), (9, 'ninth', '2024-01-02');
  DELETE FROM entries WHERE id = 9;
  INSERT INTO loose VALUES ('l1', 1), ('l2', 2), (NULL, NULL);
  INSERT INTO pairs VALUES (1, 'a', 1.5), (1, 'b', 2), (2, 'a', NULL);
  INSERT INTO words VALUES ('Apple', 1), ('pear', 2);
  INSERT INTO settings VALUES ('theme', 'dark'), ('lang', 'en');
  INSERT INTO slots VALUES (1, 1, 9, 1, 'red'), (2, 1, 10, 0, 'red'), (3, 2, 9, 1, 'blue');
  INSERT INTO people VALUES (1, 'Ann@x.org', 'Ann'), (2, 'bob@x.org', 'Bob');
  INSERT INTO checked VALUES (1, 30, 'ann');
  INSERT INTO numbered VALUES (3, 'c', 3), (4, 'd', 4);
`

/** A parent with cascading children, and one that refers to itself. */
export const family = `
  CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT UNIQUE, born INTEGER);
  CREATE TABLE books (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES authors (id) ON DELETE CASCADE ON UPDATE CASCADE, title TEXT);
  CREATE TABLE likes (book INTEGER REFERENCES books (id) ON DELETE SET NULL, who TEXT UNIQUE);
  CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES tree (id) ON DELETE CASCADE, name TEXT);
  CREATE TABLE one (id INTEGER PRIMARY KEY, other INTEGER REFERENCES two (id) ON DELETE CASCADE);
  CREATE TABLE two (id INTEGER PRIMARY KEY, other INTEGER REFERENCES one (id) ON DELETE CASCADE);
  CREATE TABLE chain (id INTEGER PRIMARY KEY, next INTEGER REFERENCES chain (id) ON DELETE SET NULL, name TEXT UNIQUE);
  CREATE TABLE paths (id TEXT PRIMARY KEY, parent TEXT REFERENCES paths (id) ON UPDATE CASCADE, name TEXT);
  CREATE TABLE plans (id INTEGER PRIMARY KEY, code TEXT UNIQUE, above INTEGER REFERENCES plans (id), n INTEGER);
  CREATE TABLE users (id INTEGER PRIMARY KEY, plan INTEGER REFERENCES plans (id), code TEXT REFERENCES plans (code) ON UPDATE CASCADE);
  INSERT INTO plans VALUES (1, 'free', NULL, 1), (2, 'pro', 1, 2), (3, 'old', NULL, 3);
  INSERT INTO users VALUES (1, 1, NULL), (2, NULL, 'pro');
  INSERT INTO paths VALUES ('root', NULL, 'r'), ('a', 'root', 'x'), ('b', 'a', 'y');
  INSERT INTO chain VALUES (1, NULL, 'one'), (2, 1, 'two'), (3, 1, 'three');
  INSERT INTO tree VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 9, 'c'), (4, 2, 'd'), (9, NULL, 'e'), (10, 9, 'f');
  INSERT INTO one VALUES (1, NULL), (2, NULL);
  INSERT INTO authors VALUES (1, 'Ann', 1970), (2, 'Bob', 1980), (3, 'Cleo', NULL);
  INSERT INTO books VALUES (10, 1, 'A1'), (11, 1, 'A2'), (12, 2, 'B1');
  INSERT INTO likes VALUES (10, 'x'), (12, 'y');
`

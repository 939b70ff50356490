import type { TypeOverrides } from '../../../src/schema/overrides.ts'

/** Tables with every idiomatic type, as applications declare the columns. */
export const schema = `
  CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, active BOOLEAN NOT NULL DEFAULT 1, admin INTEGER,
    born DATE, created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, seen_at TEXT, ms INTEGER, secs INTEGER DEFAULT 0,
    meta TEXT, raw JSON, balance DECIMAL(10,2), rate REAL);
  CREATE TABLE posts (
    id INTEGER PRIMARY KEY, author TEXT REFERENCES users (id), token TEXT UNIQUE, live BOOLEAN, day DATE NOT NULL,
    posted_at TEXT, price NUMERIC NOT NULL DEFAULT 0, tags TEXT);
  CREATE TABLE faithful (k INTEGER PRIMARY KEY, flag INTEGER, moment TEXT, who TEXT, amount NUMERIC, doc TEXT);
  CREATE TABLE slots (day TEXT NOT NULL, room INTEGER NOT NULL, taken BOOLEAN NOT NULL, PRIMARY KEY (day, room)) WITHOUT ROWID;
  CREATE INDEX by_active ON users (active);
  CREATE INDEX by_created ON users (created_at);
  CREATE INDEX by_live ON posts (day) WHERE live = 1;
  CREATE INDEX by_plan ON users (json_extract(meta, '$.plan'));
  INSERT INTO users VALUES
    ('0a000000-0000-4000-8000-000000000001', 'Ann', 1, 1, '1980-02-29', '2024-01-01 00:00:00', '2024-03-01T10:00:00.000Z', 1704067200123, 1704067200,
     '{"n":5,"plan":"pro","tags":["a","b"]}', '{"z": 1, "a": {"b": [1, 2.0, null]}}', 19.99, 0.5),
    ('0b000000-0000-4000-8000-000000000002', 'Bob', 0, 0, '1990-12-31', '2024-01-01 00:00:00.5', '2024-03-01T10:00:00.120Z', -1, -1,
     '{"n":1.5,"sub":{"x":true},"plan":"free"}', '[1, "two", {"a":1, "a":2}]', 20, 2.0),
    ('0c000000-0000-4000-8000-000000000003', 'cleo', 1, NULL, NULL, '2023-12-31 23:59:59.999999', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('ff000000-0000-4000-8000-00000000000f', 'Dan', 0, 1, '0001-01-01', '9999-12-31 23:59:59', '1969-12-31T23:59:59.999Z', 0, 253402300799,
     '{"n":"5","plan":null}', '"text"', -0.01, 1234.5678),
    ('0a000000-0000-4000-8000-000000000005', 'Eve', 1, 0, '2024-01-01', '2024-01-01 12:30:00', '2024-01-01T00:00:00.000Z', 1704067200000, 1704067200,
     '[]', '5', 99999999.99, 0.0001);
  INSERT INTO posts VALUES
    (1, '0a000000-0000-4000-8000-000000000001', '11111111-1111-4111-8111-111111111111', 1, '2024-01-01', '2024-01-01 08:00:00', 5, '["x","y"]'),
    (2, '0a000000-0000-4000-8000-000000000001', '22222222-2222-4222-8222-222222222222', 0, '2024-01-02', '2024-01-02 08:00:00.25', 7.5, '[]'),
    (3, '0b000000-0000-4000-8000-000000000002', NULL, NULL, '2024-01-01', NULL, 0, NULL),
    (4, NULL, '44444444-4444-4444-8444-444444444444', 1, '1999-12-31', '2023-12-31 23:59:59.999999', 1000000.01, '{"a":1}');
  INSERT INTO faithful VALUES
    (1, 1, '2024-01-01 00:00:00', '0a000000-0000-4000-8000-000000000001', 19.99, '{"plan":"pro"}'),
    (2, 0, '2024-01-01', '0A000000-0000-4000-8000-000000000001', 20, '{"plan": "free"}'),
    (3, 2, 'soon', NULL, NULL, NULL);
  INSERT INTO slots VALUES ('2024-01-01', 1, 1), ('2024-01-01', 2, 0), ('2024-01-02', 1, 0);
`

export const columns: TypeOverrides = {
  'users.id': 'uuid',
  'users.active': 'boolean',
  'users.admin': 'boolean',
  'users.born': 'date',
  'users.created_at': 'timestamptz',
  'users.seen_at': 'timestamptz(iso)',
  'users.ms': 'timestamptz(milliseconds)',
  'users.secs': 'timestamptz(seconds)',
  'users.meta': 'jsonb',
  'users.raw': 'text',
  'users.balance': 'numeric(10,2)',
  'users.rate': 'numeric(15,4)',
  'posts.author': 'uuid',
  'posts.token': 'uuid',
  'posts.live': 'boolean',
  'posts.day': 'date',
  'posts.posted_at': 'timestamptz',
  'posts.price': 'numeric(12,2)',
  'posts.tags': 'json',
  'slots.day': 'date',
  'slots.taken': 'boolean',
}

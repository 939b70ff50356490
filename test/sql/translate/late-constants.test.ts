import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, NULL);
`)

/** PostgreSQL computes what is constant when it plans; SQLite when it comes to it. */
const asked: readonly Query[] = [
  "SELECT CASE WHEN id > 100 THEN json('bad') ELSE 1 END FROM users",
  "SELECT coalesce(id, json('bad')) FROM users",
  "SELECT json('bad') FROM users WHERE id > 100",
  "SELECT json_extract('bad', '$.a') FROM users WHERE id > 100",
  "SELECT json_type('bad'), json_array_length('{'), 'bad' -> 'a', 'bad' ->> '$.a' FROM users WHERE id > 100",
  "SELECT json_set('bad', '$.a', 1), json_patch('{}', 'bad') FROM users WHERE id > 100",
  "SELECT json_object('k', x'61') FROM users WHERE id > 100",
  "SELECT json_array(x'61') FROM users WHERE id > 100",
  "SELECT json_quote(x'61') FROM users WHERE id > 100",
  "SELECT json_group_array(x'61') FROM users WHERE 0",
  "SELECT json_group_object('a', x'61') FROM users WHERE id > 100",
  'SELECT iif(id > 100, abs(-9223372036854775808), 2) FROM users',
  'SELECT abs(-9223372036854775808) FROM users WHERE id > 100',
  "SELECT iif(id > 100, (SELECT count(*) FROM json_each('bad')), 0) FROM users",
  "SELECT CASE WHEN id > 100 THEN (SELECT count(*) FROM json_tree('[1,')) END FROM users",
]

test('a call of constants that fails does so only where SQLite comes to it', async () => {
  expect(await differing(queries(), asked)).toEqual([])
})

test.each([
  "SELECT json('bad')",
  "SELECT json_object('k', x'61') FROM users",
  "SELECT json('bad') FROM users",
])('and there it does: %s', async (query) => {
  const places = queries()
  expect(await places.postgres(query)).toEqual(places.sqlite(query))
})

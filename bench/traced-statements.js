import { tracedDocuments } from './traced-documents.js'
import { tracedWrites } from './traced-writes.js'

/**
 * What the traces' applications send, one of each of the most frequent shapes, with the form that an engineer would
 * write for PostgreSQL. `$1` is the first parameter of both.
 * @typedef {readonly [sql: string, byHand: string, ...params: (string | number | bigint | null)[]]} TracedStatement
 */

/** @type {Readonly<Record<string, readonly TracedStatement[]>>} */
export const tracedStatements = {
  'one row': [
    [
      'SELECT version FROM versions WHERE version = ?',
      'SELECT version FROM versions WHERE version = $1',
      7,
    ],
    ['SELECT * FROM notes WHERE id = ?', 'SELECT * FROM notes WHERE id = $1', 77],
    ['SELECT v FROM state WHERE k = ?', 'SELECT v FROM state WHERE k = $1', 'key-7'],
    ["SELECT v FROM state WHERE k = 'key-9'", "SELECT v FROM state WHERE k = 'key-9'"],
    [
      'select "id", "name" from "people" where "people"."id" = ?',
      'SELECT id, name FROM people WHERE id = $1',
      42,
    ],
    [
      'SELECT id FROM notes WHERE memory_id = ? AND hash = ?',
      'SELECT id FROM notes WHERE memory_id = $1 AND hash = $2',
      'memory-78',
      'hash-77',
    ],
    [
      "SELECT id, COALESCE(source, 'web') AS source, status FROM sessions WHERE id = ? LIMIT 1",
      "SELECT id, coalesce(source, 'web') AS source, status FROM sessions WHERE id = $1 LIMIT 1",
      5,
    ],
    [
      `SELECT id FROM sessions WHERE content_id = ? ORDER BY CASE COALESCE(NULLIF(source, ''), 'web') WHEN 'web' THEN 0 ELSE 1 END, id LIMIT 1`,
      `SELECT id FROM sessions WHERE content_id = $1 ORDER BY CASE coalesce(nullif(source, ''), 'web') WHEN 'web' THEN 0 ELSE 1 END, id LIMIT 1`,
      'content-9',
    ],
    [
      "SELECT id, source FROM sessions WHERE COALESCE(NULLIF(source, ''), ?) = ? AND content_id = ?",
      "SELECT id, source FROM sessions WHERE coalesce(nullif(source, ''), $1) = $2 AND content_id = $3",
      'web',
      'web',
      'content-9',
    ],
    [
      'SELECT EXISTS (SELECT 1 FROM people WHERE email = ?) AS found',
      'SELECT EXISTS (SELECT 1 FROM people WHERE lower(email) = lower($1)) AS found',
      'PERSON5@example.com',
    ],
  ],
  'a list': [
    ['select "id", "name" from "people"', 'SELECT id, name FROM people'],
    [
      'select "id", "name" from "people" limit ? offset ?',
      'SELECT id, name FROM people LIMIT $1 OFFSET $2',
      20,
      40,
    ],
    [
      'select "name", "verified" from "people" order by "people"."name" asc limit 20',
      'SELECT name, verified FROM people ORDER BY name LIMIT 20',
    ],
    [
      'SELECT body, hash FROM notes ORDER BY created_ms DESC LIMIT 20',
      'SELECT body, hash FROM notes ORDER BY created_ms DESC LIMIT 20',
    ],
    [
      'SELECT id, title FROM notes WHERE project IN (?, ?) AND (? IS NULL OR kind = ?) ORDER BY created_ms DESC LIMIT ?',
      'SELECT id, title FROM notes WHERE project IN ($1, $2) AND ($3::text IS NULL OR kind = $4) ORDER BY created_ms DESC LIMIT $5',
      'project-3',
      'project-4',
      'fixed',
      'fixed',
      20,
    ],
    [
      'SELECT id, tokens FROM notes WHERE tokens BETWEEN ? AND ? AND score > ?',
      'SELECT id, tokens FROM notes WHERE tokens BETWEEN $1 AND $2 AND score > $3',
      10,
      20,
      100.5,
    ],
    [
      "SELECT id, title FROM notes WHERE title LIKE '%77%'",
      "SELECT id, title FROM notes WHERE title ILIKE '%77%'",
    ],
    [
      'SELECT id, CAST(rev AS TEXT) AS rev FROM notes WHERE device IS NULL AND synced_ms > ?',
      'SELECT id, rev FROM notes WHERE device IS NULL AND synced_ms > $1',
      500,
    ],
    [
      'SELECT CAST(id AS TEXT) AS row_id, typeof(rev) AS class, CAST(rev AS TEXT) AS rev FROM notes',
      "SELECT id::text AS row_id, 'text' AS class, rev FROM notes",
    ],
    [
      'select distinct "city_id", "verified" from "people" order by "city_id", "verified"',
      'SELECT DISTINCT city_id, verified FROM people ORDER BY city_id NULLS FIRST, verified',
    ],
    [
      'SELECT upper(name), length(name), substr(name, 1, 6), verified + 1 FROM people',
      'SELECT upper(name), length(name), substr(name, 1, 6), verified + 1 FROM people',
    ],
    [
      'SELECT id FROM people WHERE id IN (?, ?, ?) UNION ALL SELECT id FROM cities ORDER BY id LIMIT 5',
      'SELECT id FROM people WHERE id IN ($1, $2, $3) UNION ALL SELECT id FROM cities ORDER BY id LIMIT 5',
      3,
      4,
      5,
    ],
    [
      'WITH RECURSIVE chain(id, invited_by) AS (SELECT id, invited_by FROM people WHERE id = ? UNION ALL SELECT p.id, p.invited_by FROM people p JOIN chain c ON p.id = c.invited_by) SELECT id FROM chain',
      'WITH RECURSIVE chain(id, invited_by) AS (SELECT id, invited_by FROM people WHERE id = $1 UNION ALL SELECT p.id, p.invited_by FROM people p JOIN chain c ON p.id = c.invited_by) SELECT id FROM chain',
      1900,
    ],
  ],
  'a join': [
    [
      `SELECT n.*, s.project, COALESCE(s.source, 'web') AS source FROM notes n JOIN sessions s ON n.memory_id = s.memory_id WHERE n.memory_id = ? AND n.created_ms >= ? ORDER BY n.created_ms DESC LIMIT 1`,
      `SELECT n.*, s.project, coalesce(s.source, 'web') AS source FROM notes n JOIN sessions s ON n.memory_id = s.memory_id WHERE n.memory_id = $1 AND n.created_ms >= $2 ORDER BY n.created_ms DESC LIMIT 1`,
      'memory-7',
      1_700_000_000_000,
    ],
    [
      'SELECT o.id, o.title, s.status FROM notes o LEFT JOIN sessions s ON o.memory_id = s.memory_id WHERE o.project = ?',
      'SELECT o.id, o.title, s.status FROM notes o LEFT JOIN sessions s ON o.memory_id = s.memory_id WHERE o.project = $1',
      'project-9',
    ],
    [
      'select "people"."name", "cities"."name" from "people" left join "cities" on "people"."city_id" = "cities"."id" where "people"."verified" = ?',
      'SELECT people.name, cities.name FROM people LEFT JOIN cities ON people.city_id = cities.id WHERE people.verified = $1',
      1,
    ],
    [
      'select p."name", i."name" from "people" p inner join "people" i on p."invited_by" = i."id" where p."id" > ? order by p."id" limit 20',
      'SELECT p.name, i.name FROM people p JOIN people i ON p.invited_by = i.id WHERE p.id > $1 ORDER BY p.id LIMIT 20',
      100,
    ],
    [
      'SELECT COUNT(DISTINCT n.memory_id) AS n FROM notes n WHERE n.memory_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.memory_id = n.memory_id)',
      'SELECT count(DISTINCT n.memory_id) AS n FROM notes n WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.memory_id = n.memory_id)',
    ],
    [
      'SELECT name FROM people WHERE city_id IN (SELECT id FROM cities WHERE name = ?)',
      'SELECT name FROM people WHERE city_id IN (SELECT id FROM cities WHERE name = $1)',
      'City 7',
    ],
  ],
  'a sum': [
    ['SELECT COUNT(*) AS n FROM notes', 'SELECT count(*) AS n FROM notes'],
    [
      'SELECT COUNT(*) AS n FROM notes WHERE synced_ms IS NOT NULL',
      'SELECT count(*) AS n FROM notes WHERE synced_ms IS NOT NULL',
    ],
    [
      'SELECT project, COUNT(*) AS n, SUM(tokens) AS tokens, MAX(created_ms) AS last FROM notes GROUP BY project ORDER BY n DESC, project LIMIT 10',
      'SELECT project, count(*) AS n, sum(tokens) AS tokens, max(created_ms) AS last FROM notes GROUP BY project ORDER BY n DESC, project LIMIT 10',
    ],
    [
      'select "city_id", count("id"), avg("id"), min("name") from "people" group by "people"."city_id" having count("id") > ?',
      'SELECT city_id, count(id), avg(id), min(name) FROM people GROUP BY city_id HAVING count(id) > $1',
      3,
    ],
    [
      'select (select count(*) from "cities") from "people" where "people"."id" < ?',
      'SELECT (SELECT count(*) FROM cities) FROM people WHERE id < $1',
      100,
    ],
    [
      'SELECT id, ROW_NUMBER() OVER (PARTITION BY memory_id ORDER BY id) AS rank FROM notes',
      'SELECT id, row_number() OVER (PARTITION BY memory_id ORDER BY id) AS rank FROM notes',
    ],
    [
      'SELECT sum(score), total(score), max(score) FROM notes WHERE kind = ?',
      'SELECT sum(score), coalesce(sum(score), 0), max(score) FROM notes WHERE kind = $1',
      'fixed',
    ],
    [
      "SELECT group_concat(title, ', ') FROM notes WHERE memory_id = ?",
      "SELECT string_agg(title, ', ') FROM notes WHERE memory_id = $1",
      'memory-8',
    ],
  ],
  JSON: [
    [
      `select "id", "name", (select coalesce(json_group_array(json_array("id", "content", "owner_id")), json_array()) as "data" from "posts" "p" where "p"."owner_id" = "people"."id") as "posts" from "people" where "people"."id" < ?`,
      `SELECT id, name, (SELECT coalesce(json_agg(json_build_array(p.id, p.content, p.owner_id)), '[]') FROM posts p WHERE p.owner_id = people.id) AS posts FROM people WHERE people.id < $1`,
      200,
    ],
    [
      `SELECT json_extract(concepts, '$[1]') AS tag FROM notes WHERE id < ?`,
      `SELECT concepts::json ->> 1 AS tag FROM notes WHERE id < $1`,
      500,
    ],
    [
      `SELECT id FROM notes WHERE concepts LIKE '%:%' AND json_valid(concepts)`,
      `SELECT id FROM notes WHERE concepts LIKE '%:%' AND pg_input_is_valid(concepts, 'json')`,
    ],
    [
      `SELECT n.id, e.value FROM notes n, json_each(n.concepts) e WHERE n.id < ?`,
      `SELECT n.id, e.value FROM notes n, json_array_elements_text(n.concepts::json) AS e(value) WHERE n.id < $1`,
      500,
    ],
  ],
  'members of JSON': tracedDocuments,
  'a write': tracedWrites,
}

/** Functions that PostgreSQL has in another form, which cost more. @type {readonly TracedStatement[]} */
export const datesAndFormats = [
  [
    "SELECT id FROM posts WHERE created_at > datetime('now', '-1 day')",
    "SELECT id FROM posts WHERE created_at > to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYY-MM-DD HH24:MI:SS')",
  ],
  [
    'SELECT date(created_at), count(*) FROM posts GROUP BY 1',
    'SELECT substr(created_at, 1, 10), count(*) FROM posts GROUP BY 1',
  ],
  [
    "SELECT strftime('%Y-%m', created_at) FROM posts WHERE id < ?",
    'SELECT substr(created_at, 1, 7) FROM posts WHERE id < $1',
    500,
  ],
  [
    'insert into "posts" ("id", "content", "owner_id", "created_at") values (null, ?, ?, current_timestamp)',
    "INSERT INTO posts (content, owner_id, created_at) VALUES ($1, $2, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))",
    'x',
    7,
  ],
  [
    "SELECT printf('%05d %s', id, name) FROM people WHERE id < ?",
    "SELECT lpad(id::text, 5, '0') || ' ' || name FROM people WHERE id < $1",
    500,
  ],
]

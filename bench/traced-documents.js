/** Documents that are read by their members, and put together; see traced-statements.js. @type {readonly import('./traced-statements.js').TracedStatement[]} */
export const tracedDocuments = [
  [
    `SELECT id, doc ->> 'name' AS name, doc ->> '$.age' AS age, json_extract(doc, '$.email') AS email FROM profiles`,
    `SELECT id, doc::json ->> 'name' AS name, doc::json ->> 'age' AS age, doc::json ->> 'email' AS email FROM profiles`,
  ],
  [`SELECT id, doc ->> 'name' FROM profiles`, `SELECT id, doc::json ->> 'name' FROM profiles`],
  [
    `SELECT id, json_extract(doc, '$.address.city') AS city FROM profiles`,
    `SELECT id, doc::json #>> '{address,city}' AS city FROM profiles`,
  ],
  [
    `SELECT id FROM profiles WHERE json_extract(doc, '$.name') = ?`,
    `SELECT id FROM profiles WHERE doc::json ->> 'name' = $1`,
    'Person 77',
  ],
  [
    `SELECT id FROM profiles WHERE doc ->> '$.age' > ?`,
    `SELECT id FROM profiles WHERE (doc::json ->> 'age')::bigint > $1`,
    80,
  ],
  [
    `SELECT p.id, t.value FROM profiles p, json_each(p.doc, '$.tags') t WHERE t.value = ?`,
    `SELECT p.id, t.value FROM profiles p, json_array_elements_text(p.doc::json -> 'tags') AS t(value) WHERE t.value = $1`,
    'tag-77',
  ],
  [
    `SELECT p.id, e.value FROM profiles p, json_each(p.tags) e`,
    `SELECT p.id, e.value FROM profiles p, json_array_elements_text(p.tags::json) AS e(value)`,
  ],
  [
    `SELECT name FROM people WHERE id IN (SELECT value FROM json_each(?))`,
    `SELECT name FROM people WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::json) AS e(value))`,
    '[3,5,8,13]',
  ],
  [
    `SELECT json_group_array(json_object('id', id, 'name', name)) FROM people WHERE city_id = ?`,
    `SELECT json_agg(json_build_object('id', id, 'name', name) ORDER BY id) FROM people WHERE city_id = $1`,
    7,
  ],
]

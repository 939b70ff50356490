import Database from 'better-sqlite3'
import { Client } from 'pg'
import { installCompat } from '#built/compat/install.js'
import { schemaReader } from '#built/move/install.js'
import { catalogOf } from '#built/schema/catalog.js'
import { mapSchema } from '#built/schema/map.js'
import { numberTables } from '#built/schema/mapped.js'
import { readSchema } from '#built/schema/read.js'
import { classOf } from '#built/sql/parameter-class.js'
import { createTranslator } from '#built/sql/translate/translator.js'
import { createTranslations } from '#built/sql/translations.js'
import { figure } from '../figure.js'
import { interleave, median } from '../statistics.js'
import { usersOnPostgres, usersOnSqlite } from '../users.js'

const sizes = {
  full: { rounds: 31, hits: 100_000, rows: 20_000, runs: 400 },
  tiny: { rounds: 1, hits: 100, rows: 200, runs: 2 },
}

/**
 * What applications send most, with the form that an engineer would write for PostgreSQL.
 * @type {readonly { sql: string, params: readonly unknown[], byHand: string, values: readonly unknown[] }[]}
 */
const statements = [
  {
    sql: 'SELECT * FROM users WHERE id = ?',
    params: [77],
    byHand: 'SELECT * FROM users WHERE id = $1',
    values: [77],
  },
  {
    sql: 'SELECT "id", "email" FROM "users" WHERE "users"."email" = ? LIMIT ?',
    params: ['user77@example.com', 1],
    byHand: 'SELECT id, email FROM users WHERE email = $1 LIMIT $2',
    values: ['user77@example.com', 1],
  },
  {
    sql: 'select `id`, `name` from `users` where `age` >= ? and `age` < ? order by `id` limit 20',
    params: [20, 30],
    byHand: 'SELECT id, name FROM users WHERE age >= $1 AND age < $2 ORDER BY id LIMIT 20',
    values: [20, 30],
  },
  {
    sql: 'SELECT age, count(*) AS n, max(score) FROM users GROUP BY age ORDER BY n DESC, age LIMIT 5',
    params: [],
    byHand:
      'SELECT age, count(*) AS n, max(score) FROM users GROUP BY age ORDER BY n DESC, age NULLS FIRST LIMIT 5',
    values: [],
  },
  {
    sql: 'SELECT u.name FROM users u JOIN users v ON v.id = u.age WHERE u.id IN (?, ?, ?)',
    params: [1, 2, 3],
    byHand: 'SELECT u.name FROM users u JOIN users v ON v.id = u.age WHERE u.id IN ($1, $2, $3)',
    values: [1, 2, 3],
  },
  {
    sql: 'SELECT EXISTS (SELECT 1 FROM users WHERE email = ?) AS found',
    params: ['user5@example.com'],
    byHand: 'SELECT EXISTS (SELECT 1 FROM users WHERE email = $1) AS found',
    values: ['user5@example.com'],
  },
  {
    sql: 'UPDATE users SET score = score + ? WHERE id = ?',
    params: [1.5, 9],
    byHand: 'UPDATE users SET score = score + $1 WHERE id = $2',
    values: [1.5, 9],
  },
]

/** @type {import('../trial.js').Trial} */
export const translate = {
  name: 'translate',
  compares:
    'what a translation costs, found and made anew, and what the server takes for the translated statement against one written by hand for PostgreSQL',
  async run(workspace, size) {
    const { rounds, hits, rows, runs } = sizes[size]
    const catalog = usersCatalog()
    const translator = createTranslator(catalog)
    const found = createTranslations(translator, (translation) => translation)
    const classes = statements.map(({ params }) => params.map(classOf))
    const hit = await interleave(rounds, {
      hit: () => perCall(hits, (index) => found.of(...callOf(index))),
    })
    const cold = await interleave(rounds, {
      cold: () =>
        median(
          statements.map(({ sql }, index) =>
            perCall(20, () => createTranslator(catalog).translate(sql, classes[index] ?? [])),
          ),
        ),
    })
    const ratios = await serverRatios(workspace, translator, { rounds, rows, runs })
    return [
      figure(
        'cache hit',
        'µs',
        hit.map((round) => round.hit),
        { atMost: 0.5 },
      ),
      figure(
        'parse and translate',
        'µs',
        cold.map((round) => round.cold),
        { atMost: 50 },
      ),
      figure('on the server against the form by hand', 'x', ratios, { atMost: 1.1 }),
    ]
  },
}

/**
 * @param {number} index
 * @returns {[sql: string, params: readonly unknown[]]}
 */
function callOf(index) {
  const { sql, params } = /** @type {typeof statements[number]} */ (
    statements[index % statements.length]
  )
  return [sql, params]
}

function usersCatalog() {
  const db = new Database(':memory:')
  db.exec(usersOnSqlite)
  const reader = schemaReader(db)
  const { tables } = numberTables(mapSchema(reader, readSchema(reader)).tables)
  db.close()
  return catalogOf({ version: 1, tables, foreignKeys: true })
}

/**
 * @param {number} count
 * @param {(index: number) => unknown} work
 */
function perCall(count, work) {
  const begun = performance.now()
  for (let index = 0; index < count; index++) work(index)
  return ((performance.now() - begun) * 1000) / count
}

/**
 * The median over the statements, by round. Both forms are prepared statements of one connection and run on
 * the same table; what is measured is a round trip, as an application has it.
 * @param {import('../workspace.js').Workspace} workspace
 * @param {import('#built/sql/translation.js').Translator} translator
 * @param {{ rounds: number, rows: number, runs: number }} sizes
 */
async function serverRatios(workspace, translator, { rounds, rows, runs }) {
  const client = new Client({ connectionString: await workspace.createDatabase() })
  await client.connect()
  workspace.defer(() => client.end())
  await client.query('BEGIN')
  await installCompat(client)
  await client.query('COMMIT')
  await client.query(usersOnPostgres.replaceAll(/\btext\b/g, 'text COLLATE "C"'))
  await client.query(
    `INSERT INTO users (email, name, age, score) SELECT 'user' || g || '@example.com', 'User ' || g, g % 90, g / 3.0 FROM generate_series(1, ${rows}) g`,
  )
  await client.query('ANALYZE users')
  const pairs = statements.map(({ sql, params, byHand, values }, index) => {
    const step = translator
      .translate(sql, params.map(classOf))
      .steps.find(({ role }) => role === 'result')
    if (step === undefined) throw new Error(`There is nothing to run for ${sql}`)
    const sent = step.slots.map((slot) => params[slot.parameter - 1])
    return {
      translated: { name: `translated_${index}`, text: step.text, values: sent },
      byHand: { name: `by_hand_${index}`, text: byHand, values: [...values] },
    }
  })
  /** @param {import('pg').QueryConfig} query */
  const timed = async (query) => {
    const begun = performance.now()
    for (let run = 0; run < runs; run++) await client.query(query)
    return performance.now() - begun
  }
  /** @type {number[][]} */
  const byPair = []
  for (const { translated, byHand } of pairs) {
    await timed(translated)
    await timed(byHand)
    const results = await interleave(rounds, {
      translated: () => timed(translated),
      byHand: () => timed(byHand),
    })
    byPair.push(results.map((round) => round.translated / round.byHand))
  }
  return Array.from({ length: rounds }, (_, round) =>
    median(byPair.map((ratios) => ratios[round] ?? Number.NaN)),
  )
}

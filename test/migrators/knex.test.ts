import Database from 'better-sqlite3'
import createKnex, { type Knex } from 'knex'
import { afterEach, expect, test } from 'vitest'
import { lockstepClient } from '../../src/adapters/knex/index.ts'
import { knexOn } from '../adapters/knex-shop.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const migrations: readonly Knex.Migration[] = [
  {
    async up(knex) {
      await knex.schema.createTable('users', (table) => {
        table.increments('id')
        table.string('name', 80).notNullable()
        table.string('email').unique()
        table.boolean('active').defaultTo(true)
        table.decimal('balance', 10, 2).defaultTo(0)
        table.timestamps(true, true)
      })
      await knex.schema.createTable('posts', (table) => {
        table.uuid('id').primary()
        table.integer('author').unsigned().references('id').inTable('users').onDelete('CASCADE')
        table.text('title').notNullable().defaultTo('untitled')
        table.json('meta')
        table.index(['author', 'title'])
      })
      await knex('users').insert([
        { name: 'Ann', email: 'ann@x', balance: 1.5, created_at: '2026-01-02', updated_at: '2026' },
        { name: 'Bob', email: 'bob@x', created_at: '2026-01-02 03:04:05', updated_at: '2026-01' },
      ])
      await knex('posts').insert({ id: 'p1', author: 1, title: 'one', meta: '{"a":1}' })
    },
    async down(knex) {
      await knex.schema.dropTable('posts').dropTable('users')
    },
  },
  {
    async up(knex) {
      await knex.schema.alterTable('posts', (table) => {
        table.integer('views').notNullable().defaultTo(0)
        table.string('slug')
      })
      await knex('posts').update({ slug: knex.raw('lower(title)'), views: knex.raw('views + 1') })
      await knex.schema.alterTable('users', (table) => {
        table.renameColumn('name', 'full_name')
      })
    },
    async down(knex) {
      await knex.schema.alterTable('users', (table) => {
        table.renameColumn('full_name', 'name')
      })
      await knex.schema.alterTable('posts', (table) => {
        table.dropColumns('views', 'slug')
      })
    },
  },
  {
    // Each of these builds its table anew.
    async up(knex) {
      await knex.schema.alterTable('posts', (table) => {
        table.string('title', 40).nullable().alter()
      })
      await knex.schema.alterTable('posts', (table) => {
        table.dropColumn('meta')
      })
      await knex.schema.alterTable('posts', (table) => {
        table.dropForeign(['author'])
      })
      await knex.schema.alterTable('posts', (table) => {
        table.foreign('author').references('id').inTable('users').onDelete('SET NULL')
      })
    },
    async down(knex) {
      await knex.schema.alterTable('posts', (table) => {
        table.json('meta')
      })
    },
  },
  {
    async up(knex) {
      await knex.schema.renameTable('posts', 'articles')
      await knex.schema.createView('titles', (view) => {
        view.columns(['title'])
        view.as(knex('articles').select('title'))
      })
      await knex('articles').insert({ id: 'p2', author: 2, title: null })
    },
    async down(knex) {
      await knex.schema.dropView('titles')
      await knex('articles').where({ id: 'p2' }).delete()
      await knex.schema.renameTable('articles', 'posts')
    },
  },
]

/** The first `count` migrations, as knex finds them. */
function released(count: number): Knex.MigratorConfig {
  const names = migrations.slice(0, count).map((_, index) => String(index))
  return {
    migrationSource: {
      getMigrations: async () => names,
      getMigrationName: (name: string) => `${name}_migration.js`,
      getMigration: async (name: string) => migrations[Number(name)] as Knex.Migration,
    },
  }
}

const schemaQuery = 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name'
const rowQueries = [
  'SELECT id, name, batch FROM knex_migrations ORDER BY id',
  'SELECT * FROM knex_migrations_lock',
  'SELECT id, full_name, email, active, balance FROM users ORDER BY id',
  'SELECT * FROM articles ORDER BY id',
  'SELECT * FROM titles ORDER BY 1',
]

let pair: Pair
let knexes: Knex[] = []
afterEach(async () => {
  for (const knex of knexes) await knex.destroy()
  knexes = []
  await pair.close()
})

test.each(['mirrored', 'flipped', 'rolled back'] as const)(
  'the migrations of knex give in stage %s what they give on SQLite alone, forth and back',
  async (stage) => {
    const file = new Database(':memory:')
    pair = await openPair({ schema: 'CREATE TABLE before (id INTEGER PRIMARY KEY)' })
    const plain = knexOn(file)
    const knex = createKnex({ client: lockstepClient(pair.db), useNullAsDefault: true })
    knexes = [plain, knex]
    if (stage !== 'mirrored') await flip(pair.db)
    if (stage === 'rolled back') await rollback(pair.db)
    await pair.db.run('DROP TABLE before')
    const same = async (queries: readonly string[]): Promise<void> => {
      expect(await pair.differences()).toEqual([])
      for (const query of [schemaQuery, ...queries])
        expect([query, await pair.db.all(query)]).toEqual([query, file.prepare(query).all()])
    }
    for (const count of [1, 2, 3, 4, 4]) {
      for (const each of knexes) await each.migrate.latest(released(count))
      await same([])
    }
    await same(rowQueries)
    for (const each of knexes) await each.migrate.rollback(released(4))
    await same([])
    for (const each of knexes) await each.migrate.latest(released(4))
    await same(rowQueries)
    file.close()
    expect((await pair.db.status()).quarantine).toBe(0)
    if (stage === 'flipped') await rollback(pair.db)
    else await flip(pair.db)
    expect((await knex.migrate.latest(released(4)))[1]).toEqual([])
    await pair.db.run(`INSERT INTO users (full_name) VALUES ('Cy')`)
    expect(await pair.differences()).toEqual([])
  },
)

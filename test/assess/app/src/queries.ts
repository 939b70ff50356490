import { sql } from 'drizzle-orm'
import type Database from 'better-sqlite3'
import { db } from './db/client.js'
import { orders, users } from './db/schema.js'

const COLUMNS = 'id, email, name'

interface Row { readonly id: number; readonly email: string }

/** A value in a template becomes a parameter. */
export async function byEmail(email: string): Promise<Row | undefined> {
  return db.get<Row>(sql`SELECT id, email FROM users WHERE email = ${email.trim().toLowerCase()}`)
}

/** Tables and columns of the ORM are names, which only run time knows. */
export const perUser = (limit: number) =>
  db.all(sql<{ n: number }>`select ${users.id}, count(*) as n from ${orders} group by 1 limit ${limit}`)

export function busiest(raw: Database.Database, limit = 10) {
  return raw.prepare(`
    SELECT ${COLUMNS}
    FROM users
    WHERE id IN (SELECT user_id FROM orders WHERE total > ?)
    ORDER BY id
    LIMIT ?
  `).all(0, limit)
}

export function sorted(raw: Database.Database, column: string) {
  return raw.prepare(`SELECT id FROM users ORDER BY ${column} DESC`).all()
}

export function some(raw: Database.Database, ids: readonly number[]) {
  const marks = ids.map(() => '?').join(', ')
  return raw.prepare('SELECT id FROM orders WHERE id IN (' + ids.map(() => '?').join(', ') + ')').all(...ids, marks)
}

export const removeOld = 'DELETE FROM orders ' +
  "WHERE id < ? AND meta IS 'it''s \u2028 old'"

/** Refused on PostgreSQL: the error is in the second line of the template, behind an escape. */
export const local = (raw: Database.Database) =>
  raw.prepare('SELECT id,\n  datetime(created_at, \'localtime\') FROM users').all()

export const search = (raw: Database.Database, text: string) =>
  raw.prepare('SELECT rowid, title FROM notes_fts WHERE notes_fts MATCH ? ORDER BY rank').all(text)

export async function place(user: number, lines: readonly { total: number }[]) {
  await db.batch(lines.map(({ total }) => ({ sql: 'INSERT INTO orders (user_id, total) VALUES (?, ?)', params: [user, total] })))
  await db.run(sql`update orders set total = total + ${1} where user_id = ${user}`)
}

export function transfer(raw: Database.Database) {
  raw.exec('BEGIN IMMEDIATE')
  raw.exec("UPDATE orders SET total = 0; DELETE FROM orders WHERE total = 0")
  raw.exec('COMMIT')
}

export const gone = (raw: Database.Database) => raw.prepare('SELECT * FROM carts WHERE id = ?').get(1)
export const lower = sql`lower(${users.email})`
export const dynamic = (name: string) => sql`SELECT * FROM ${sql.identifier(name)}`
export const quoted = (raw: Database.Database, table: string, word: string) =>
  [raw.prepare(`SELECT count(*) FROM "${table}"`).get(), raw.prepare(`SELECT id FROM users WHERE name LIKE '%${word}%'`).all()]

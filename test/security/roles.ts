import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { blocksOf } from '../docs/blocks.ts'
import { createDatabase } from '../support/postgres.ts'

export type Role = 'owner' | 'app' | 'operator'

/** A file and a database with the roles of docs/guides/roles.md, which have names of their own here. */
export interface Roles extends AsyncDisposable {
  readonly folder: string
  readonly path: string
  urlOf(role: Role): string
  /** Opens Lockstep as this role; closed with the rest. */
  open(role: Role, options?: Partial<LockstepOptions>): Promise<Lockstep>
  /** Runs SQL as this role. */
  query(role: Role, sql: string): Promise<unknown[]>
  /** What the guide has the owner give behind the install. */
  grantAfterInstall(): Promise<void>
}

const guide = blocksOf('docs/guides/roles.md')
const password = 'change-me'

export async function createRoles(schema: string): Promise<Roles> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-roles-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec(schema)
  file.close()
  const database = await createDatabase()
  const own = randomBytes(4).toString('hex')
  const nameOf = (role: Role): string => `shop_${own}_${role}`
  const sqlOf = (step: string): string => {
    const text = guide.find(({ words }) => words.includes(`roles=${step}`))?.text
    if (text === undefined) throw new Error(`The guide has no block ${step}`)
    const name = new URL(database.url).pathname.slice(1)
    return text
      .replaceAll('DATABASE shop ', `DATABASE ${name} `)
      .replaceAll(/\bshop_(owner|app|operator)\b/g, (_, role: Role) => nameOf(role))
  }
  const urlOf = (role: Role): string => {
    const url = new URL(database.url)
    url.username = nameOf(role)
    url.password = password
    return url.href
  }
  const opened: Lockstep[] = []
  await ask(database.url, sqlOf('before'))
  return {
    folder,
    path,
    urlOf,
    async open(role, options = {}) {
      const settings = { sqlite: { path }, postgres: { connectionString: urlOf(role) } }
      const db = await createLockstep({ ...settings, ...options })
      opened.push(db)
      return db
    },
    query: (role, sql) => ask(urlOf(role), sql),
    grantAfterInstall: async () => void (await ask(urlOf('owner'), sqlOf('after-install'))),
    async [Symbol.asyncDispose]() {
      for (const db of opened.toReversed()) await db.close()
      for (const name of (['owner', 'app', 'operator'] as const).map(nameOf))
        await ask(database.url, `DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`)
      await database.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

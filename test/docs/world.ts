import { execFile } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  mkdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { built, projectRoot } from '../support/built.ts'
import { createDatabase } from '../support/postgres.ts'
import type { Block } from './blocks.ts'

const run = promisify(execFile)

const schema = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), total REAL);
  INSERT INTO users VALUES (1, 'Ada', 36), (2, 'Grace', 85);
  INSERT INTO orders VALUES (1, 1, 9.5), (2, 2, 12)`

/** A scratch project, as an operator has it: a folder with the application's database, and a server. */
export interface World extends AsyncDisposable {
  readonly folder: string
  readonly path: string
  /** What DATABASE_URL says to the blocks; a scenario may point it elsewhere. */
  url: string
  /** Runs a block and gives what it prints, or its rows as JSON. Rejects where a command fails. */
  run(block: Pick<Block, 'language' | 'words' | 'text'>): Promise<string>
  sh(script: string): Promise<string>
  sqlite(sql: string): unknown[]
  postgres(sql: string): Promise<unknown[]>
  /** Opens Lockstep in this process, as the application does. */
  open(): Promise<Lockstep>
  configure(yaml: string): void
  /** A file of the application's, by its path in the folder. */
  write(file: string, text: string): void
  copyFile(from: string, to: string): void
  /** A further empty database on the server. */
  another(): Promise<string>
}

export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-docs-'))
  const databases = [await createDatabase()]
  mkdirSync(join(folder, 'bin'))
  writeFileSync(
    join(folder, 'bin', 'lockstep'),
    `#!/bin/sh\nexec '${process.execPath}' '${built('bundle/cli.js')}' "$@"\n`,
    { mode: 0o755 },
  )
  const path = join(folder, 'app.db')
  const world: World = {
    folder,
    path,
    url: databases[0]?.url ?? '',
    run: async ({ language, words, text }) => {
      if (language === 'sh') return world.sh(text)
      if (language === 'yaml') return (world.configure(text), '')
      const rows = words.includes('sqlite') ? world.sqlite(text) : await world.postgres(text)
      return JSON.stringify(rows)
    },
    sh: async (script) => {
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: folder,
        env: {
          PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`,
          HOME: folder,
          DATABASE_URL: world.url,
        },
      })
      return stdout
    },
    sqlite: (sql) => withFile(path, (db) => execute(db, sql)),
    postgres: (sql) => query(world.url, sql),
    open: () =>
      createLockstep({
        sqlite: { path },
        postgres: { connectionString: world.url },
        flags: { file: join(folder, 'config', 'flags.yaml') },
        applier: { leaderPollMs: 10 },
      }),
    configure: (yaml) => appendFileSync(join(folder, 'config', 'lockstep.yaml'), `\n${yaml}`),
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    },
    copyFile(from, to) {
      withFile(from, (db) => db.pragma('wal_checkpoint(TRUNCATE)'))
      for (const end of ['-wal', '-shm']) rmSync(`${to}${end}`, { force: true })
      copyFileSync(from, to)
    },
    async another() {
      const database = await createDatabase()
      databases.push(database)
      return database.url
    },
    async [Symbol.asyncDispose]() {
      for (const database of databases) await database.drop()
      rmSync(folder, { recursive: true })
    },
  }
  withFile(path, (db) => {
    db.pragma('journal_mode = WAL')
    db.exec(schema)
  })
  return world
}

/** Where the journey has come to, by the library and without its waits for an operator. */
export async function travelTo(world: World, stage: 'mirrored' | 'flipped'): Promise<void> {
  await world.sh('lockstep init')
  giveTime(world)
  await withLockstep(world, async (db) => {
    await db.install()
    await db.applySchema()
    await db.backfill()
    if (stage === 'flipped') await db.flip('postgres', { pauseBudgetMs: 10_000 })
    await db.caughtUp()
  })
}

/** A busy test machine needs longer for a flip than an operator would allow. */
export function giveTime(world: World): void {
  world.configure('flip:\n  pauseBudgetMs: 10000\n')
}

export async function withLockstep<T>(
  world: World,
  work: (db: Lockstep) => Promise<T>,
): Promise<T> {
  const db = await world.open()
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/** A server that nothing listens at. */
export const nowhere = 'postgres://nobody@127.0.0.1:1/nothing'

export const scratchFolder: string = join(projectRoot, '.tmp', 'docs')

function withFile<T>(path: string, work: (db: Database.Database) => T): T {
  const db = new Database(path)
  try {
    return work(db)
  } finally {
    db.close()
  }
}

function execute(db: Database.Database, sql: string): unknown[] {
  const statement = db.prepare(sql)
  if (statement.reader) return statement.all()
  statement.run()
  return []
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as unknown[]
  } finally {
    await client.end()
  }
}

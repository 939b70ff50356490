import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { createLockstep } from '../../src/index.ts'
import { giveTime, nowhere, travelTo, withLockstep, type World } from './world.ts'

/** What is so before the blocks of a scenario run, between them, and after them. */
export interface Scenario {
  begin(world: World): Promise<void>
  /** By the number of the block that comes next. */
  readonly before?: Readonly<Record<number, (world: World) => Promise<void>>>
  end(world: World, outputs: readonly string[]): Promise<void>
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  journey: {
    begin: () => Promise.resolve(),
    before: { 1: (world) => Promise.resolve(giveTime(world)) },
    async end(world, outputs) {
      expect(outputs[0]).toContain('both places are equal')
      expect(outputs[1]).toContain('the primary moved from sqlite to postgres')
      expect(outputs[2]).toContain('mirroring has ended')
      expect(await world.sh('lockstep status')).toMatch(/^stage +complete$/m)
    },
  },
  look: {
    begin: (world) => travelTo(world, 'mirrored'),
    async end(world) {
      expect(await world.sh('lockstep flags get')).toContain('mirror: false')
    },
  },
  down: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.url = nowhere
    },
    async end(world) {
      expect(await world.sh('lockstep ready || echo closed')).toMatch(/NO +postgres[\s\S]*closed/)
      await withLockstep(world, (db) => db.run(`INSERT INTO users (name) VALUES ('still here')`))
    },
  },
  lost: lost(),
  'new-server': {
    async begin(world) {
      await travelTo(world, 'flipped')
      await withLockstep(world, (db) => db.rollback({ pauseBudgetMs: 10_000 }))
      world.url = await world.another()
    },
    async end(world, outputs) {
      expect(outputs[0]).toContain('both places are equal')
      expect(world.sqlite(`SELECT name FROM sqlite_schema WHERE name LIKE '%lockstep%'`)).toEqual(
        [],
      )
    },
  },
  'new-column': {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.sqlite('ALTER TABLE users ADD COLUMN nickname TEXT')
      world.sqlite(`UPDATE users SET nickname = 'ada' WHERE id = 1`)
      await expect(world.sh('lockstep verify')).rejects.toThrow('SCHEMA_DRIFT')
    },
    async end(world) {
      expect(await world.postgres('SELECT nickname FROM users WHERE id = 1')).toEqual([
        { nickname: 'ada' },
      ])
    },
  },
  'new-table': {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.sqlite('CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT UNIQUE)')
      world.sqlite(`INSERT INTO tags VALUES (1, 'red')`)
    },
    async end(world) {
      expect(await world.sh('lockstep verify')).toMatch(/^tags +1 +0 +0 +0$/m)
    },
  },
  forsaken: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.sqlite(`UPDATE _lockstep_control SET state = 'committing', attempt = 'a', gate = 2`)
      expect(() => world.sqlite(`DELETE FROM orders`)).toThrow('writes are held')
      world.url = nowhere
    },
    async end(world) {
      await withLockstep(world, (db) => db.run(`INSERT INTO users (name) VALUES ('goes on')`))
    },
  },
  assess: {
    async begin(world) {
      world.sqlite('ALTER TABLE users ADD COLUMN born DATE')
      world.sqlite('ALTER TABLE users ADD COLUMN is_admin INTEGER')
      world.sqlite(`UPDATE users SET born = '1980-02-29', is_admin = id - 1`)
      world.sqlite('CREATE TABLE notes (id INTEGER PRIMARY KEY, n INTEGER)')
      world.sqlite(`INSERT INTO notes VALUES (1, ''), (2, 5)`)
    },
    before: { 1: async (world) => void world.sqlite('UPDATE notes SET n = 7 WHERE id = 1') },
    async end(world, outputs) {
      expect(outputs[0]).toMatch(/users\.born: date # 2 values[\s\S]*exit code 3\n$/)
      expect(outputs[1]).toContain('both places are equal')
      const types = `SELECT string_agg(data_type, ' ' ORDER BY column_name) AS types FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name IN ('born', 'is_admin')`
      expect(await world.postgres(types)).toEqual([{ types: 'date boolean' }])
    },
  },
  columns: {
    async begin(world) {
      world.sqlite('DROP TABLE orders')
      world.sqlite('DROP TABLE users')
      world.sqlite(`CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, active BOOLEAN, born DATE, created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
        seen_at TEXT, updated_ms INTEGER, meta TEXT, balance DECIMAL(10,2))`)
      world.sqlite(`INSERT INTO users VALUES ('0a000000-0000-4000-8000-000000000001', 1, '1980-02-29', '2024-05-06 07:08:09',
          '2024-05-06T07:08:09.123Z', 1714979289123, '{"plan":"pro"}', 19.99)`)
      await world.sh('lockstep init')
      giveTime(world)
    },
    async end(world, outputs) {
      expect(outputs[1]).toContain('both places are equal')
      expect(JSON.parse(outputs[2] ?? '')).toEqual([
        { id: '0a000000-0000-4000-8000-000000000001', plan: 'pro' },
      ])
      expect(await world.sh('lockstep verify')).toContain('both places are equal')
    },
  },
  quarantine: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.sqlite(`UPDATE users SET age = 'unknown' WHERE id = 2`)
      await withLockstep(world, (db) => db.caughtUp())
    },
    before: {
      2: async (world) => {
        expect(await world.sh('lockstep verify')).toContain('both places are equal')
        world.sqlite(`UPDATE users SET age = 'thirty' WHERE id = 1`)
        await expect(world.sh('lockstep verify')).rejects.toThrow(/Command failed/)
      },
    },
    async end(world, outputs) {
      const [row] = JSON.parse(outputs[0] ?? '') as unknown[]
      expect(row).toMatchObject({ tbl: 'users', key: '2', col: 'age' })
      expect(await world.postgres('SELECT count(*)::int AS n FROM lockstep.quarantine')).toEqual([
        { n: 0 },
      ])
    },
  },
  differs: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      await writePast(world, `UPDATE users SET name = 'changed'; DELETE FROM users WHERE id = 2`)
    },
    before: {
      1: (world) => writePast(world, `UPDATE users SET name = 'changed' WHERE id = 1`),
      2: (world) => writePast(world, `INSERT INTO users (id, name) VALUES (77, 'extra')`),
    },
    end: async (world, outputs) => {
      expect(outputs).toHaveLength(4)
      expect(outputs[1]).toContain('1 row was shipped again')
      expect(await world.postgres('SELECT name FROM users ORDER BY id')).toEqual([
        { name: 'Ada' },
        { name: 'Grace' },
      ])
    },
  },
  backup: {
    begin: async (world) => void (await world.sh('lockstep init')),
    before: {
      1: (world) => Promise.resolve(void world.sqlite(`DELETE FROM orders`)),
    },
    async end(world, outputs) {
      expect(outputs[0]).toContain('sound, sha256')
      expect(outputs[1]).toContain('before-restore')
      expect(world.sqlite('SELECT id FROM orders')).toEqual([{ id: 1 }, { id: 2 }])
      expect(await world.sh('cat exports/csv/users.csv')).toBe(
        '"id","name","age"\r\n1,"Ada",36\r\n2,"Grace",85\r\n',
      )
      expect(await world.sh('wc -l < exports/jsonl/orders.jsonl')).toBe('2\n')
    },
  },
  restored: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      await world.sh('mkdir backups && lockstep backup backups/monday.db')
      await withLockstep(world, async (db) => {
        await db.run(`UPDATE users SET name = 'new' WHERE id = 1`)
        await db.caughtUp()
      })
    },
    async end(world, outputs) {
      expect(outputs[0]).toContain('PRIMARY_REWOUND')
      expect(outputs[1]).toContain('both places are equal')
      expect(await world.postgres('SELECT name FROM users WHERE id = 1')).toEqual([{ name: 'Ada' }])
    },
  },
  'old-file': oldFile('mirrored', 'mirrored'),
  'old-file-after-flip': oldFile('flipped', 'flipped'),
  'old-file-before-flip': oldFile('mirrored', 'flipped'),
  'other-pair': {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.copyFile(world.path, join(world.folder, 'other.db'))
      await withLockstep(world, (db) => db.uninstall())
      await world.postgres('DROP TABLE users, orders')
      const other = { path: join(world.folder, 'other.db') }
      const db = await createLockstep({
        sqlite: other,
        postgres: { connectionString: await world.another() },
      })
      await db.uninstall({ force: true })
      await db.close()
      const stranger = await createLockstep({
        sqlite: other,
        postgres: { connectionString: world.url },
      })
      await stranger.install()
      await stranger.close()
      await expect(world.sh('lockstep install')).rejects.toThrow('PAIR_MISMATCH')
    },
    async end(world) {
      expect(await world.sh('lockstep install && lockstep schema --apply')).toContain(
        '2 statements',
      )
    },
  },
  out: {
    begin: (world) => travelTo(world, 'flipped'),
    async end(world) {
      expect(world.sqlite(`SELECT name FROM sqlite_schema WHERE name LIKE '%lockstep%'`)).toEqual(
        [],
      )
      world.sqlite(`INSERT INTO users (name) VALUES ('alone')`)
    },
  },
  admin: {
    begin: (world) => travelTo(world, 'mirrored'),
    async end(_world, outputs) {
      expect(outputs[0]).toMatch(
        /^admin: http:\/\/127\.0\.0\.1:8780\/ \(its token is in .*app\.db-admin-token\)$/m,
      )
    },
  },
  overrides: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      world.write(
        'src/visits.ts',
        `export const at = (db: Database, id: number) =>
  db.prepare("SELECT name, datetime('now', 'localtime') AS at FROM users WHERE id = ?").get(id)
`,
      )
    },
    async end(_world, outputs) {
      expect(outputs[0]).toMatch(
        /^src\/visits\.ts:2:15 refused[\s\S]*'localtime'[\s\S]*exit code 3\n$/m,
      )
      expect(outputs[2]).toMatch(/^100 % of 1 statements/m)
      expect(outputs[2]).not.toContain('was not asked')
    },
  },
  onward: {
    begin: (world) => travelTo(world, 'mirrored'),
    async end(world) {
      await world.postgres(`INSERT INTO users (name) VALUES ('alone')`)
      expect(await world.postgres(`SELECT to_regnamespace('lockstep') AS schema`)).toEqual([
        { schema: null },
      ])
    },
  },
}

function lost(): Scenario {
  let server = ''
  return {
    async begin(world) {
      await travelTo(world, 'flipped')
      await world.postgres(`UPDATE users SET name = 'never came over' WHERE id = 1`)
      server = world.url
      world.url = nowhere
    },
    before: {
      2: async (world) => {
        world.url = server
        await withLockstep(world, async (db) => {
          await db.run(`INSERT INTO users (name) VALUES ('since then')`)
          await vi.waitFor(() => db.caughtUp({ timeoutMs: 200 }), { timeout: 10_000 })
        })
      },
    },
    async end(world, outputs) {
      expect(JSON.parse(outputs[2] ?? '')).toMatchObject([
        { tbl: 'users', key: ['1'], row_data: { name: 'never came over' } },
      ])
      expect(await world.postgres('SELECT name FROM users WHERE id = 1')).toEqual([{ name: 'Ada' }])
    },
  }
}

/** A copy of the file from one stage is put back in a later one. */
function oldFile(copied: 'mirrored' | 'flipped', restored: 'mirrored' | 'flipped'): Scenario {
  return {
    async begin(world) {
      const backup = join(world.folder, 'backup.db')
      await travelTo(world, copied)
      world.copyFile(world.path, backup)
      await withLockstep(world, async (db) => {
        if (copied !== restored) await db.flip('postgres', { pauseBudgetMs: 10_000 })
        for (const id of [1, 2]) await db.run('UPDATE users SET name = ? WHERE id = ?', ['new', id])
        await db.caughtUp()
      })
      world.copyFile(backup, world.path)
      if (copied !== restored)
        await expect(world.open()).rejects.toMatchObject({ code: 'PRIMARY_REWOUND' })
    },
    async end(world) {
      const [{ name }] = world.sqlite('SELECT name FROM users WHERE id = 1') as [{ name: string }]
      expect(name).toBe(restored === 'flipped' ? 'new' : 'Ada')
      expect(await world.sh('lockstep verify')).toContain('both places are equal')
    },
  }
}

/** As nobody should: capture and fence see nothing of it. */
async function writePast(world: World, sql: string): Promise<void> {
  await world.postgres(`SET lockstep.applying = 'on'; ${sql}`)
  await expect(world.sh('lockstep verify')).rejects.toThrow(/Command failed/)
}

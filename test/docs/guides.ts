import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Scenario } from './scenarios.ts'
import { giveTime, travelTo, withLockstep, type World } from './world.ts'

/** What each of docs/guides/ that is told along a journey begins and ends with. */
export const guides: Readonly<Record<string, Scenario>> = {
  'first-hour': {
    begin: async (world) => {
      await world.sh('lockstep init')
      giveTime(world)
    },
    async end(world, outputs) {
      expect(outputs[2]).toContain('both places are equal')
      expect(outputs[4]).toContain('moved from postgres to sqlite')
      await world.sh('lockstep uninstall')
      expect(world.sqlite(`SELECT 1 FROM sqlite_schema WHERE name LIKE '%lockstep%'`)).toEqual([])
    },
  },
  docker: {
    begin: () => Promise.resolve(),
    async end(world) {
      const lines = readFileSync(join(world.folder, '.env'), 'utf8').trim().split('\n')
      expect(lines).toHaveLength(3)
      for (const line of lines) expect(line).toMatch(/^[A-Z_]+=[\w-]{32}=*$/)
    },
  },
  ubuntu: {
    begin: () => Promise.resolve(),
    async end(_world, outputs) {
      expect(outputs[0]).toContain('both places are equal')
    },
  },
  doctor: {
    begin: () => Promise.resolve(),
    async end(_world, outputs) {
      for (const output of outputs) expect(output).toMatch(/^ok +sqlite +journal_mode/m)
    },
  },
  diverges: {
    async begin(world) {
      await travelTo(world, 'mirrored')
      await world.sh('lockstep flags set reads.postgres=90')
    },
    async end(world, outputs) {
      expect(outputs[0]).toContain('both places are equal')
      expect(outputs[1]).toContain('reads')
      expect(await world.sh('lockstep flags get')).toContain('postgres: 0')
    },
  },
  managed: managed(),
  sizing: {
    // The block adds groups that the file of `init` has already.
    begin: async (world) => world.write('config/lockstep.yaml', 'sqlite:\n  path: ./app.db\n'),
    async end(_world, outputs) {
      expect(outputs[1]).toContain('26 of')
    },
  },
  cutover: {
    begin: (world) => travelTo(world, 'mirrored'),
    async end(world, outputs) {
      expect(outputs[1]).toContain('both places are equal')
      expect(outputs[3]).toContain('moved from sqlite to postgres')
      expect(outputs[5]).toContain('both places are equal')
      expect(await world.sh('lockstep status')).toMatch(/^stage +complete$/m)
    },
  },
  rollback: {
    begin: (world) => travelTo(world, 'flipped'),
    async end(world, outputs) {
      expect(outputs[0]).toContain('moved from postgres to sqlite')
      expect(outputs[1]).toContain('both places are equal')
      expect(outputs[2]).toContain('p99 above 300 ms')
      await withLockstep(world, (db) => db.run(`INSERT INTO users (name) VALUES ('goes on')`))
    },
  },
  after: {
    async begin(world) {
      await travelTo(world, 'flipped')
      await world.sh('lockstep complete')
    },
    async end(world) {
      const found = `SELECT id FROM users WHERE words @@ to_tsquery('english', 'ada')`
      expect(await world.postgres(found)).toEqual([{ id: '1' }])
      expect(await world.postgres(`SELECT to_regnamespace('lockstep')::text AS name`)).toEqual([
        { name: null },
      ])
    },
  },
}

/** The role belongs to the whole server, so it is taken away again. */
function managed(): Scenario {
  let owner = ''
  const drop = 'DROP OWNED BY lockstep_guide; DROP ROLE lockstep_guide'
  const connectAsRole = async (world: World): Promise<void> => {
    owner = world.url
    const url = new URL(world.url)
    Object.assign(url, { username: 'lockstep_guide', password: 'change-me' })
    world.url = url.href
    await world.sh('lockstep init')
    giveTime(world)
  }
  return {
    begin: () => Promise.resolve(),
    before: { 3: connectAsRole },
    async end(world, outputs) {
      expect(outputs[3]).toContain('moved from postgres to sqlite')
      expect(existsSync(world.path)).toBe(true)
      world.url = owner
      await world.postgres(drop)
    },
  }
}

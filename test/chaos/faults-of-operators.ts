import { anyOf } from './faults-of-applications.ts'
import type { Faults } from './faults.ts'

/** What operators and the application's own releases do, through any of its processes. */
export const lockstepFaults: Faults = {
  async 'a flip'(world, random) {
    const to = random.pick(['postgres', 'sqlite'])
    const flip = world.ask(anyOf(world, random), 'flip', [to, { pauseBudgetMs: 1500 }])
    return () => flip
  },
  async 'a flip by force'(world, random) {
    const to = random.pick(['postgres', 'sqlite'])
    const flip = world.ask(anyOf(world, random), 'flip', [to, { pauseBudgetMs: 1500, force: true }])
    return () => flip
  },
  async 'a flip by flag'(world, random) {
    const primary = random.pick(['postgres', 'sqlite'])
    const flags = world.ask(anyOf(world, random), 'setFlags', [{ primary }])
    return () => flags
  },
  async 'other flags'(world, random) {
    const patch = {
      reads: { postgres: random.integer(0, 100) },
      shadow: { sample: random.pick([0, 5, 50]) },
      ack: random.pick(['primary', 'both']),
    }
    const flags = world.ask(anyOf(world, random), 'setFlags', [patch])
    return () => flags
  },
  async 'no mirror for a while'(world, random) {
    await world.ask(anyOf(world, random), 'setFlags', [{ mirror: false }])
    return () => world.ask(anyOf(world, random), 'setFlags', [{ mirror: true }])
  },
  async 'a change of the schema'(world, random) {
    const name = `extra_${random.integer(0, 2 ** 31)}`
    const script = random.pick([
      `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, token TEXT)`,
      `ALTER TABLE accounts ADD COLUMN ${name} TEXT DEFAULT 'new'`,
      `CREATE INDEX ${name} ON registers (value)`,
    ])
    const change = world.ask(anyOf(world, random), 'exec', [script])
    return () => change
  },
}

import type { Random } from '../../src/demo/random.ts'
import type { Application } from './application.ts'
import type { Faults } from './faults.ts'
import type { World } from './world.ts'

/** What happens to processes of the application. */
export const applicationFaults: Faults = {
  async 'a process killed, and another one joins later'(world, random) {
    anyOf(world, random).signal('SIGKILL')
    return () => void world.join()
  },
  async 'a process stands still'(world, random) {
    const application = anyOf(world, random)
    application.signal('SIGSTOP')
    return () => application.signal('SIGCONT')
  },
  async 'an event loop blocked'(world, random, forMs) {
    const blocked = world.ask(anyOf(world, random), 'block', [forMs])
    return () => blocked
  },
  async 'a process joins, and another one is killed later'(world, random) {
    const application = anyOf(world, random)
    world.join()
    return () => application.signal('SIGKILL')
  },
}

export function anyOf({ applications }: World, random: Random): Application {
  return random.pick(applications.filter(({ isGone }) => !isGone))
}

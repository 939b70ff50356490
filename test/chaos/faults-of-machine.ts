import { anyOf } from './faults-of-applications.ts'
import type { Faults } from './faults.ts'

/** What the machine of the application does. */
export const machineFaults: Faults = {
  async 'no room for SQLite'({ disks }) {
    disks.sqlite.fill()
    return () => disks.sqlite.empty()
  },
  async 'the clock of a process jumps ahead, and back'(world, random) {
    const application = anyOf(world, random)
    await world.ask(application, 'jump', [random.integer(60_000, 3_600_000)])
    return () => world.ask(application, 'jump', [0])
  },
  async 'the clock of a process jumps back, and ahead again'(world, random) {
    const application = anyOf(world, random)
    await world.ask(application, 'jump', [-random.integer(60_000, 3_600_000)])
    return () => world.ask(application, 'jump', [0])
  },
}

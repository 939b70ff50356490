import type { Faults } from './faults.ts'

/** Cutting goes on at each of these intervals. */
const againMs = 300

function every(work: () => void): () => void {
  work()
  const timer = setInterval(work, againMs)
  return () => clearInterval(timer)
}

/** What the wire to PostgreSQL does. */
export const networkFaults: Faults = {
  async 'delay on the wire'({ proxy }, random) {
    proxy.latencyMs = random.integer(5, 100)
    return () => void (proxy.latencyMs = 0)
  },
  async 'little bandwidth'({ proxy }, random) {
    proxy.bytesPerSecond = random.integer(5, 50) * 1000
    return () => void (proxy.bytesPerSecond = Infinity)
  },
  async 'connections cut in the middle of a message'({ proxy }) {
    return every(() => proxy.cut())
  },
  async 'connections cut before a COMMIT arrives'({ wire }) {
    return every(() => void wire.breakAtCommit('', 'before'))
  },
  async 'connections cut between a COMMIT and its answer'({ wire }) {
    return every(() => void wire.breakAtCommit('', 'answered'))
  },
  async 'a black hole'({ proxy }) {
    proxy.hang()
    return () => proxy.heal()
  },
  async 'connections refused'({ proxy }) {
    proxy.refuse()
    return () => proxy.heal()
  },
}

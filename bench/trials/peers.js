import { setTimeout as sleep } from 'node:timers/promises'
import { LDMigrationStage } from '@launchdarkly/node-server-sdk'
import { throughBoth } from '../contenders.js'
import { figure } from '../figure.js'
import { openByHand, openLaunchDarkly, openScientist } from '../peers.js'
import { drive, interleave } from '../statistics.js'
import { mirrorUsers, userInserts, userValues } from '../users.js'

/** @typedef {import('../workspace.js').Workspace} Workspace */
/** @typedef {Awaited<ReturnType<typeof drive>> & { comparedPercent: number }} Turn */

const sizes = {
  full: { rounds: 11, writes: 1600, reads: 4000, rows: 10_000 },
  tiny: { rounds: 1, writes: 32, reads: 64, rows: 100 },
}
const callers = 16

/** @type {import('../trial.js').Trial} */
export const peers = {
  name: 'peers',
  compares:
    'writes to both places and compared reads through Lockstep, against the helpers for a migration that LaunchDarkly (stages `dualwrite` and `shadow`, flags from memory) and tzientist have, around the plain drivers; 16 callers',
  async run(workspace, size) {
    const { rounds } = sizes[size]
    const writers = await openWriters(workspace)
    const readers = await openReaders(workspace, sizes[size].rows)
    const writes = turnsOf(writers, sizes[size].writes)
    const reads = turnsOf(readers, sizes[size].reads)
    await interleave(1, { ...writes, ...reads })
    const written = await interleave(rounds, writes)
    const read = await interleave(rounds, reads)
    return [
      ...figuresOf('write to both', 'lockstep', ['launchDarkly'], written),
      ...figuresOf('read, each compared', 'lockstep', ['launchDarkly', 'tzientist'], read),
      ...figuresOf('read, 5 % compared', 'lockstepSampled', ['tzientistSampled'], read),
      ...Object.keys(readers).map((name) =>
        figure(
          `compared of the sample: ${name}`,
          '%',
          read.map((round) => round[name]?.comparedPercent ?? Number.NaN),
        ),
      ),
    ]
  },
}

/**
 * Something that is called in turns.
 * @typedef {object} Peer
 * @property {(index: number) => Promise<unknown>} call
 * @property {(count: number) => Promise<number>} settle waits for what goes on behind the calls; percent of those to compare that were
 */

/**
 * @param {Workspace} workspace
 * @returns {Promise<Record<string, Peer>>}
 */
async function openWriters(workspace) {
  const { write, settle } = await throughBoth(workspace, userInserts)
  const launchDarkly = await openLaunchDarkly(
    workspace,
    await openByHand(workspace, 0),
    LDMigrationStage.DualWrite,
  )
  let next = 0
  const values = () => userValues(next++)
  return {
    lockstep: { call: async () => write(values()), settle: async () => (await settle(), 0) },
    launchDarkly: { call: () => launchDarkly.write(values()), settle: async () => 0 },
  }
}

/**
 * @param {Workspace} workspace
 * @param {number} rows
 * @returns {Promise<Record<string, Peer>>}
 */
async function openReaders(workspace, rows) {
  const byHand = await openByHand(workspace, rows)
  const launchDarkly = await openLaunchDarkly(workspace, byHand, LDMigrationStage.Shadow)
  const key = (/** @type {number} */ index) => ((index * 7919) % rows) + 1
  const peer = (
    /** @type {{ read: (id: number) => Promise<unknown>, counts: { compared: number, different: number } }} */ {
      read,
      counts,
    },
    /** @type {number} */ percent,
  ) => ({
    call: (/** @type {number} */ index) => read(key(index)),
    async settle(/** @type {number} */ count) {
      const { compared, different } = counts
      if (different > 0) throw new Error(`${different} reads differ, of rows that are the same`)
      counts.compared = 0
      return (100 * compared) / ((count * percent) / 100)
    },
  })
  return {
    lockstep: await throughShadow(workspace, rows, key, 100),
    launchDarkly: peer(launchDarkly, 100),
    tzientist: peer(openScientist(byHand, 100), 100),
    lockstepSampled: await throughShadow(workspace, rows, key, 5),
    tzientistSampled: peer(openScientist(byHand, 5), 5),
  }
}

/**
 * Lockstep in stage `shadow`, which compares behind the caller's back and drops what is too much.
 * @param {Workspace} workspace
 * @param {number} rows
 * @param {(index: number) => number} key
 * @param {number} percent
 * @returns {Promise<Peer>}
 */
async function throughShadow(workspace, rows, key, percent) {
  const { db } = await mirrorUsers(workspace, rows)
  await db.setFlags({ shadow: { sample: percent } })
  const counted = async () => {
    const { runs, dropped } = (await db.status()).counters.shadow
    return { runs, ended: runs + dropped }
  }
  let before = await counted()
  return {
    call: (index) => db.get('SELECT * FROM users WHERE id = ?', [key(index)]),
    async settle() {
      let now = await counted()
      for (let last = -1; now.ended !== last; now = await counted()) {
        last = now.ended
        await sleep(50)
      }
      const [runs, ended] = [now.runs - before.runs, now.ended - before.ended]
      before = now
      return (100 * runs) / Math.max(1, ended)
    },
  }
}

/**
 * @param {Record<string, Peer>} all
 * @param {number} count
 * @returns {Record<string, () => Promise<Turn>>}
 */
function turnsOf(all, count) {
  const turn =
    (/** @type {Peer} */ { call, settle }) =>
    async () => ({ ...(await drive(callers, count, call)), comparedPercent: await settle(count) })
  return Object.fromEntries(Object.entries(all).map(([name, peer]) => [name, turn(peer)]))
}

/**
 * @param {string} what
 * @param {string} ours
 * @param {string[]} theirs
 * @param {Record<string, Turn>[]} rounds
 */
function figuresOf(what, ours, theirs, rounds) {
  const of = (/** @type {string} */ name) =>
    rounds.map((round) => /** @type {Turn} */ (round[name]))
  const ratios = (/** @type {string} */ name, /** @type {'perSecond' | 'p50Ms'} */ measure) =>
    of(ours).map((turn, round) => turn[measure] / /** @type {Turn} */ (of(name)[round])[measure])
  return [
    ...theirs.flatMap((name) => [
      figure(`${what}: throughput against ${name}`, 'x', ratios(name, 'perSecond'), { atLeast: 1 }),
      figure(`${what}: p50 against ${name}`, 'x', ratios(name, 'p50Ms'), { atMost: 1 }),
    ]),
    ...[ours, ...theirs].map((name) =>
      figure(
        `${what}: ${name}`,
        'calls/s',
        of(name).map(({ perSecond }) => perSecond),
      ),
    ),
  ]
}

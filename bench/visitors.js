import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { percentile } from './statistics.js'

/**
 * A process that asks an application over HTTP at a fixed rate, whether or not earlier requests have been answered.
 * @typedef {object} VisitorsOptions
 * @property {string} url
 * @property {number} perSecond
 * @property {number} ms for how long
 * @property {number} warmUpMs how much of it is not counted
 */

/**
 * @param {VisitorsOptions} options
 * @returns {Promise<{ p50Ms: number, p99Ms: number }>} from the moment a request was due to its answer's end
 */
export async function visit(options) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: [] })
  const exited = once(child, 'exit')
  const [seen] = await once(child, 'message')
  await exited
  return seen
}

/** @param {VisitorsOptions} options */
async function ask({ url, perSecond, ms, warmUpMs }) {
  const agent = new Agent({ keepAlive: true })
  /** @type {number[]} */
  const latencies = []
  const one = (/** @type {number} */ dueMs) =>
    new Promise((resolve, reject) => {
      get(url, { agent }, (response) => {
        response.on('end', () => {
          if (dueMs - begun >= warmUpMs) latencies.push(performance.now() - dueMs)
          resolve(undefined)
        })
        response.resume()
      }).on('error', reject)
    })
  const begun = performance.now()
  const pending = []
  for (let index = 0; index < (perSecond * ms) / 1000; index++) {
    const dueMs = begun + (index * 1000) / perSecond
    while (performance.now() < dueMs) await sleep(1)
    pending.push(one(dueMs))
  }
  await Promise.all(pending)
  agent.destroy()
  process.send?.({ p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) })
  process.disconnect()
}

const [, script, options] = process.argv
if (script === fileURLToPath(import.meta.url)) await ask(JSON.parse(options ?? '{}'))

import { fork } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/**
 * A process that is up to no good with an admin server: everything of `kinds` at the same time, each client as fast
 * as it is answered.
 * @typedef {object} HostileOptions
 * @property {string} url
 * @property {string} token of an operator, as some of it is sent by who has one
 */

/** How many clients of each kind there are. */
const clients = { strangers: 32, oversized: 4, malformed: 8, streams: 1000, slow: 200 }

/** A client that was refused or cut off comes back after about so long; an EventSource waits longer than that. */
const backMs = 1000

/**
 * @param {HostileOptions} options
 * @returns {Promise<{ stop(): Promise<{ total: number }> }>} once it is under way; `stop` says how many requests have ended, however they did
 */
export async function startHostile(options) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: [] })
  const exited = once(child, 'exit')
  await once(child, 'message')
  return {
    async stop() {
      const answer = once(child, 'message')
      child.send('stop')
      const [ended] = await answer
      await exited
      return ended
    },
  }
}

/** @param {HostileOptions} options */
async function attack({ url, token }) {
  // They would be other machines: what they do for themselves takes nothing from the application.
  setPriority(constants.priority.PRIORITY_LOW)
  const agent = new Agent({ keepAlive: true })
  const ended = new AbortController()
  setMaxListeners(0, ended.signal)
  let total = 0
  const send = (
    /** @type {string} */ path,
    /** @type {import('node:http').RequestOptions} */ options,
    body = '',
  ) =>
    new Promise((resolve) => {
      const sent = request(
        new URL(path, url),
        { ...options, agent, signal: ended.signal },
        (response) => {
          total++
          response
            .on('close', () => resolve(response.statusCode === 200 || response.statusCode === 401))
            .resume()
        },
      )
      sent.on('error', () => (total++, resolve(false))).end(body)
    })
  const bearer = (/** @type {string} */ token) => ({ authorization: `Bearer ${token}` })
  const json = { ...bearer(token), 'content-type': 'application/json' }
  const large = JSON.stringify({ to: 'x'.repeat(2 ** 20) })
  const kinds = {
    strangers: () => send('/v1/status', { headers: bearer('a-token-that-is-wrong') }),
    oversized: () => send('/v1/flip', { method: 'POST', headers: json }, large),
    malformed: () => send('/v1/flip', { method: 'POST', headers: json }, '{"to":'),
    streams: () => send('/v1/events', { headers: bearer(token) }),
    slow: () => trickle(new URL(url), ended.signal),
  }
  for (const [kind, once] of Object.entries(kinds))
    for (let client = 0; client < clients[/** @type {keyof typeof clients} */ (kind)]; client++)
      void persist(once, ended.signal)
  process.once('message', () => {
    ended.abort()
    process.send?.({ total }, undefined, undefined, () => process.exit())
  })
  process.send?.('under way')
}

/**
 * @param {() => Promise<unknown>} once resolves with false where the client was refused
 * @param {AbortSignal} signal
 */
async function persist(once, signal) {
  while (!signal.aborted) if ((await once()) === false) await sleep(backMs * (0.5 + Math.random()))
}

/**
 * A request that never ends, a byte at a time.
 * @param {URL} url
 * @param {AbortSignal} signal
 */
function trickle({ hostname, port }, signal) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const timer = setInterval(() => socket.write('x'), 250)
    const end = () => {
      clearInterval(timer)
      socket.destroy()
      resolve(false)
    }
    socket.on('error', end).on('close', end).write('GET / HTTP/1.1\r\nHost: x\r\nX: ')
    signal.addEventListener('abort', end, { once: true })
  })
}

const [, script, options] = process.argv
if (script === fileURLToPath(import.meta.url)) await attack(JSON.parse(options ?? '{}'))

import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { startEmbeddedPostgres } from '#built/demo/embedded-postgres.js'
import { describeMachine } from './machine.js'
import { keepResult } from './keep.js'
import { machineText, trialText } from './print.js'
import { profileText } from './profile.js'
import { allSizes } from './trial.js'
import { trials } from './trials.js'

// Runs the table of trials: npm run bench -- [--only NAME] [--json] [--charts FOLDER] [--profile FOLDER] [--size tiny].
// docs/benchmarks.md says what each compares.
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    charts: { type: 'string' },
    profile: { type: 'string' },
    size: { type: 'string', default: 'full' },
  },
})

const chosen = options.only === undefined ? trials : options.only.map(trialNamed)
const size = allSizes.find((one) => one === options.size)
if (size === undefined) throw new TypeError(`--size is one of ${allSizes.join(', ')}`)
// Of each run by itself: those of an earlier one would be added up with them.
const profiles =
  options.profile && join(resolve(options.profile), new Date().toISOString().replaceAll(':', ''))
const server = await openServer()
try {
  const machine = await describeMachine(server.url)
  if (!options.json) process.stdout.write(machineText(machine))
  const results = []
  for (const trial of chosen) {
    if (options.json) process.stderr.write(`${trial.name}\n`)
    const result = await resultOf(trial, size)
    if (!options.json) process.stdout.write(trialText(trial, result.figures))
    if (profiles !== undefined) process.stderr.write(profileText(join(profiles, trial.name)))
    if (options.charts !== undefined) keepResult(options.charts, result)
    results.push(result)
  }
  if (options.json)
    process.stdout.write(`${JSON.stringify({ machine, size, trials: results }, null, 2)}\n`)
} finally {
  await server.stop()
}

/** @param {string} name */
function trialNamed(name) {
  const trial = trials.find((candidate) => candidate.name === name)
  if (trial !== undefined) return trial
  throw new TypeError(
    `There is no trial ${name}; there are ${trials.map((one) => one.name).join(', ')}`,
  )
}

/** The server of DATABASE_URL, or one of the benchmark's own with PostgreSQL's durable defaults. */
async function openServer() {
  const url = process.env['DATABASE_URL']
  if (url !== undefined && url !== '') return { url, stop: async () => {} }
  return startEmbeddedPostgres({ settings: { fsync: 'on', synchronous_commit: 'on' } })
}

/**
 * @param {import('./trial.js').Trial} trial
 * @param {import('./trial.js').Size} size
 * @returns {Promise<import('./keep.js').Result>}
 */
async function resultOf({ name, compares, curves = [] }, size) {
  const date = new Date().toISOString()
  const machine = await describeMachine(server.url)
  const figures = await runTrial(name, size)
  return { name, compares, date, size, machine, curves, figures }
}

/**
 * @param {string} name
 * @param {import('./trial.js').Size} size
 * @returns {Promise<import('./figure.js').Figure[]>}
 */
async function runTrial(name, size) {
  const script = fileURLToPath(new URL('run-trial.js', import.meta.url))
  const profiled =
    profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profiles, name)}`]
  const args = [...profiled, script, name, size]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, DATABASE_URL: server.url },
    maxBuffer: 2 ** 26,
  })
  return JSON.parse(stdout)
}

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

// A newcomer's path, timed: node bench/newcomer.js [--keep-cache]. It clones what is committed here, does README's two
// commands, and waits for the dashboard in a real Chromium. npm begins without a cache unless it is told to keep its own.
const run = promisify(execFile)
const goalSeconds = 300
const source = fileURLToPath(new URL('..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'lockstep-newcomer-'))
const clone = join(folder, 'lockstep')
const { DATABASE_URL: _, ...plain } = process.env
const cache = process.argv.includes('--keep-cache') ? {} : { npm_config_cache: join(folder, 'npm') }
const env = { ...plain, ...cache }

/**
 * @param {number} seconds
 * @param {string} what
 */
function say(seconds, what) {
  process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${what}\n`)
}

let total = 0
/**
 * @template T
 * @param {string} step
 * @param {() => Promise<T>} work
 */
async function timed(step, work) {
  const begun = performance.now()
  const result = await work()
  const seconds = (performance.now() - begun) / 1000
  total += seconds
  say(seconds, step)
  return result
}

/** @param {import('node:child_process').ChildProcess} demo */
function addressOf(demo) {
  let text = ''
  return new Promise((resolve, reject) => {
    demo.stdout?.on('data', (chunk) => {
      text += String(chunk)
      const [, url] = /dashboard: (\S+)/.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
    demo.once('exit', () => reject(new Error(`The demo ended without a dashboard: ${text}`)))
  })
}

/** @param {string} url */
async function onScreen(url) {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(url)
    await page.waitForSelector('#stages [aria-current]')
    return await page.textContent('#stages [aria-current]')
  } finally {
    await browser.close()
  }
}

try {
  await timed('git clone', () => run('git', ['clone', '--quiet', source, clone]))
  await timed('npm ci', () => run('npm', ['ci'], { cwd: clone, env, maxBuffer: 2 ** 26 }))
  const demo = spawn('npm', ['run', 'demo'], { cwd: clone, env, detached: true })
  try {
    const url = await timed('npm run demo, until it says where the dashboard is', () =>
      addressOf(demo),
    )
    const stage = await timed('Chromium, until the dashboard shows the stage', () => onScreen(url))
    say(total, `in all; the dashboard shows: ${stage}`)
    process.exitCode = total < goalSeconds ? 0 : 1
  } finally {
    const ended = once(demo, 'exit')
    // npm gives a signal on to nobody; the group has the demo in it.
    if (demo.pid !== undefined) process.kill(-demo.pid, 'SIGINT')
    await ended
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

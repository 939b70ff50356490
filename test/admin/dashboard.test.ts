import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPage } from '../../src/admin/page.ts'
import { serveAdmin, type AdminServer } from '../../src/admin/serve.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { tokens } from './caller.ts'
import { chromiumPath } from './chromium.ts'

test('the page asks nobody else, and its policy lets nothing else run', () => {
  const { html, policy } = readPage()
  expect(html).not.toMatch(/(src|href)=/)
  expect(html).not.toContain('/*SCRIPT*/')
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(html).toContain('uPlot')
})

/** A browser on a busy machine: a bound against hanging. */
const patience = { timeout: 30_000 }

const executablePath = chromiumPath()
if (executablePath === null)
  process.stderr.write('Chromium is not installed: the dashboard is not tried in a browser.\n')

describe.skipIf(executablePath === null)('in a browser', () => {
  let pair: Pair
  let server: AdminServer
  let browser: Browser
  let page: Page
  const wrong: string[] = []

  beforeAll(async () => {
    pair = await openPair({
      schema: `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
        INSERT INTO users VALUES (1, 'Ada', 36), (2, '<img src=x onerror=alert(1)>', 85)`,
      options: { flip: { pauseBudgetMs: 10_000 } },
    })
    server = await serveAdmin(pair.db, { host: '127.0.0.1', port: 0, tokens })
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text())
    })
    page.on('pageerror', (error) => wrong.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) wrong.push(`asks ${request.url()}`)
    })
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
    await pair.close()
  })

  const outcome = async (): Promise<string> => (await page.textContent('#outcome')) ?? ''

  /** Presses a button and goes on in the dialog, by keyboard alone. */
  async function act(button: string, consequence: string): Promise<void> {
    await page.focus(button)
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog[open]')
    expect(await page.textContent('#confirm-text')).toContain(consequence)
    await page.fill('#actor', 'ada')
    await page.fill('#reason', 'a test')
    await page.focus('#confirm-yes')
    await page.keyboard.press('Enter')
  }

  async function violations(): Promise<string[]> {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    await page.evaluate(axe)
    return page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
      const found = await axe.run()
      return found.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
      )
    })
  }

  test('a wrong token is refused, and a good one shows the board', async () => {
    // The page keeps its token for the session, also from a try that came to it before.
    await page.goto(server.url)
    await page.evaluate('sessionStorage.clear()')
    await page.reload()
    expect(await violations()).toEqual([])
    await page.fill('#token', 'wrong')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.textContent('#sign-in-problem'), patience)
      .toContain('UNAUTHORIZED')
    // The browser itself tells of an answer of 401.
    expect(wrong.splice(0)).toEqual([expect.stringContaining('401')])
    await page.fill('#token', tokens.operator)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#board:not([hidden])')
    await expect.poll(() => page.textContent('#stages [aria-current]'), patience).toBe('shadow')
    await expect.poll(() => page.textContent('#gates'), patience).toContain('backfill')
  })

  test('an address brings a token along, which does not stay in it', async () => {
    const other = await browser.newPage()
    await other.goto(`${server.url}#token=${tokens.reader}`)
    await other.waitForSelector('#board:not([hidden])')
    expect(other.url()).toBe(server.url)
    await other.close()
  })

  test('what happens is shown while it happens', async () => {
    const points = async (): Promise<number> =>
      Number(await page.getAttribute('#traffic', 'data-points'))
    const before = await points()
    await expect.poll(points, patience).toBeGreaterThan(before + 2)
    // By another program: a write of Lockstep's own would be rehearsed, and stand in the way of the flip below.
    pair.sqlite.exec(`UPDATE users SET age = 'unknown' WHERE id = 2`)
    await expect.poll(() => page.textContent('#quarantine'), patience).toContain('users')
    pair.sqlite.exec('UPDATE users SET age = 85 WHERE id = 2')
    await expect.poll(() => page.textContent('#quarantine'), patience).toContain('Empty')
  })

  test('statements are sorted by the heading that is pressed, which keeps the keyboard', async () => {
    for (const limit of [1, 2, 3]) await pair.db.all(`SELECT id FROM users LIMIT ${limit}`)
    const heads = page.locator('#statements th')
    const column = async (index: number): Promise<(string | null)[]> =>
      page.locator(`#statements tbody td:nth-child(${index + 1})`).allTextContents()
    await expect.poll(async () => (await column(0)).length, patience).toBeGreaterThan(2)
    const pressed = await heads.evaluateAll((all) =>
      all.findIndex((head) => head.textContent === 'sql'),
    )
    const button = heads.nth(pressed).locator('button')
    await button.focus()
    const sorted = async (): Promise<[string | null, string[]]> => [
      await heads.nth(pressed).getAttribute('aria-sort'),
      (await column(pressed)).map(String),
    ]
    await page.keyboard.press('Enter')
    const first = await sorted()
    await page.keyboard.press('Enter')
    const second = await sorted()
    expect(new Set([first[0], second[0]])).toEqual(new Set(['ascending', 'descending']))
    const [ascending, descending] = first[0] === 'ascending' ? [first, second] : [second, first]
    expect(ascending[1]).toEqual(ascending[1].toSorted())
    expect(descending[1]).toEqual(ascending[1].toReversed())
    expect(await page.locator('#statements th[aria-sort]').count()).toBe(1)
  })

  test('percentages are set, once the consequence was confirmed, and not where it was not', async () => {
    await page.fill('#reads', '30')
    await page.click('#flags-form button')
    await page.waitForSelector('dialog[open]')
    await page.keyboard.press('Escape')
    await expect.poll(outcome, patience).toBe('Nothing was done')
    expect(pair.db.flags().reads.postgres).toBe(0)
    await act('#flags-form button', 'PostgreSQL serves 30 % of reads')
    await expect.poll(outcome, patience).toContain('30 % of reads from PostgreSQL')
    expect(pair.db.flags().reads.postgres).toBe(30)
    const entries = await pair.db.audit({ limit: 1 })
    expect(entries[0]?.detail).toMatchObject({ actor: 'ada', reason: 'a test' })
  })

  test('verify, repair, flip and roll back do what they say', async () => {
    await act('#verify', 'Every row of both places is compared')
    await expect.poll(outcome, patience).toBe('Both places are equal: 2 rows in 1 tables')
    await page.fill('#repair-table', 'users')
    await page.fill('#repair-keys', '1, 99')
    await act('#repair-form button', "The primary's 2 rows of users")
    await expect.poll(outcome, patience).toBe('1 rows were shipped again; 1 keys have no row')
    await act('#flip', 'Writes wait for up to the pause budget')
    await expect.poll(outcome, patience).toContain('moved from sqlite to postgres')
    await expect.poll(() => page.textContent('#stages [aria-current]'), patience).toBe('flipped')
    await expect.poll(() => page.isDisabled('#flip'), patience).toBe(true)
    await act('#rollback', 'Nothing is lost')
    await expect.poll(outcome, patience).toContain('moved from postgres to sqlite')
    await expect.poll(() => page.textContent('#audit'), patience).toContain('flip')
  })

  test('has nothing that axe finds wrong, in light and in dark, and nothing in the console', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations()).toEqual([])
      if (process.env['LOCKSTEP_SCREENSHOTS'] === 'true')
        await page.screenshot({ path: `docs/dashboard-${colorScheme}.png`, fullPage: true })
    }
    expect(wrong).toEqual([])
  })
})

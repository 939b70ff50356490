import { chromium, type Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { chromiumPath } from '../admin/chromium.ts'
import { createScene, mirror } from './scene.ts'

const executablePath = chromiumPath()
if (executablePath === null)
  process.stderr.write('Chromium is not installed: no operator is played in a browser.\n')

/** A browser on a busy machine: a bound against hanging. */
const patience = { timeout: 60_000 }

/** What an operator does with a page: reads it, and presses a button and goes on. */
function handsOn(page: Page) {
  const see = (where: string, what: string): Promise<void> =>
    expect.poll(() => page.textContent(where), patience).toContain(what)
  const act = async (button: string, outcome: string): Promise<void> => {
    await page.click(button)
    await page.fill('#actor', 'ada')
    await page.click('#confirm-yes')
    await see('#outcome', outcome)
  }
  const setPercentages = async (reads: number, shadow: number): Promise<void> => {
    await page.fill('#reads', String(reads))
    await page.fill('#shadow', String(shadow))
    await act('#flags-form button', `In force: ${reads} % of reads from PostgreSQL`)
  }
  return { see, act, setPercentages }
}

test.skipIf(executablePath === null)(
  'an operator moves the primary there, back and there again by the dashboard alone, under traffic',
  async () => {
    await using scene = await createScene()
    await mirror(scene)
    const { url, token } = await scene.serveAdmin()
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    try {
      const page = await browser.newPage()
      page.setDefaultTimeout(patience.timeout)
      const { see, act, setPercentages } = handsOn(page)
      await page.goto(url)
      await page.fill('#token', token)
      await page.keyboard.press('Enter')
      await see('#now', 'sqlite is the primary, epoch 1')

      await act('#verify', 'Both places are equal')
      await setPercentages(50, 50)
      await scene.writeMore()
      await setPercentages(100, 50)
      await see('#stages [aria-current]', 'ramp')
      await act('#flip', 'moved from sqlite to postgres')
      await see('#now', 'postgres is the primary, epoch 2')
      await scene.writeMore()
      await act('#rollback', 'moved from postgres to sqlite')
      await see('#now', 'sqlite is the primary, epoch 3')
      await scene.writeMore()
      await act('#flip', 'moved from sqlite to postgres')
      await see('#stages [aria-current]', 'flipped')
      await scene.writeMore()
      await act('#verify', 'Both places are equal')
      await see('#quarantine', 'Empty')
      await see('#divergences', 'None')
      await see('#audit', 'ada')
      const { writes } = await scene.expectNothingLost('postgres', 'sqlite')
      expect(writes).toBeGreaterThan(100)
    } finally {
      await browser.close()
    }
  },
  600_000,
)

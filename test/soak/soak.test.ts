import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { built } from '../support/built.ts'
import { grown } from './flat.mjs'

interface Report {
  readonly flips: number
  readonly operations: number
  readonly failed: number
  readonly failures: readonly string[]
  readonly cancelled: readonly string[]
  readonly equal: boolean
  readonly growth: readonly { readonly figure: string; readonly isFlat: boolean }[]
}

test('an application whose primary moves all the time stays as it is: memory, handles, journals, logs, tables', async () => {
  built('bundle/index.js')
  const program = fileURLToPath(new URL('main.mjs', import.meta.url))
  const args = ['--expose-gc', program, '--minutes', '0.2', '--flip-s', '3', '--sample-s', '0.3']
  // Where something grew it fails, and says what.
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(
    (error: unknown) => error as { stdout: string },
  )
  const report = JSON.parse(stdout) as Report
  expect(report).toMatchObject({ equal: true, failed: 0, failures: [], cancelled: [] })
  expect(report.flips).toBeGreaterThan(0)
  expect(report.operations).toBeGreaterThan(100)
  expect(report.growth.filter(({ isFlat }) => !isFlat)).toEqual([])
}, 300_000)

test('what grows is seen to grow, and what goes up and down is not', () => {
  const samples = Array.from({ length: 40 }, (_, n) => ({
    handles: 20 + 2 * n,
    rss: n % 2 === 0 ? 1e8 : 2e8,
  }))
  const named = (wanted: string): boolean | undefined =>
    grown(samples).find(({ figure }) => figure === wanted)?.isFlat
  expect(named('handles')).toBe(false)
  expect(named('rss')).toBe(true)
})

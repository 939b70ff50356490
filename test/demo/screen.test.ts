import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createScreen, picture, type ScreenState } from '../../src/demo/screen.ts'

const state: ScreenState = {
  title: 'Lockstep: a shop of 200,000 rows',
  steps: ['install', 'backfill', 'mirror', 'complete'],
  step: 'backfill',
  activity: '40 % order_lines',
  stage: 'mirror',
  primary: 'sqlite',
  writesPerSecond: 812.4,
  readsPerSecond: 1204.9,
  lag: { entries: 12, ms: 40 },
  postgresReadPercent: 25,
  errors: 0,
  flips: [{ to: 'postgres', pauseMs: 41.6 }],
  elapsedMs: 12_345,
}

describe('the live picture', () => {
  test.each([20, 40, 80, 200])('is never wider than %s columns', (columns) => {
    const lines = picture(state, { columns, rows: 30, colour: false })
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns)
  })

  test('fits a low terminal and keeps the step under way in sight', () => {
    const lines = picture(state, { columns: 80, rows: 13, colour: false })
    expect(lines.length).toBeLessThan(13)
    expect(lines.join('\n')).toContain('> backfill')
  })

  test('shows stage, rates, lag, shares and pauses', () => {
    const text = picture(state, { columns: 120, rows: 40, colour: false }).join('\n')
    for (const part of [
      'mirror, primary sqlite',
      '812 writes/s',
      '12 rows, 40 ms',
      'postgres 25 %',
      'postgres 42 ms',
      '40 % order_lines',
    ]) {
      expect(text).toContain(part)
    }
  })
})

function terminal(): {
  output: PassThrough & { isTTY?: boolean; columns?: number }
  text: () => string
} {
  const output = new PassThrough()
  return { output, text: () => String(output.read() ?? '') }
}

describe('the screen', () => {
  test('writes plain lines where the output is no terminal', () => {
    const { output, text } = terminal()
    const screen = createScreen(output, {})
    screen.show(state)
    screen.show({ ...state, elapsedMs: state.elapsedMs + 10 })
    screen.say('a notice')
    screen.end()
    const lines = text().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('backfill: 40 % order_lines')
    expect(lines.join('')).not.toContain('\u001B')
  })

  test('has no colour with NO_COLOR and gives the cursor back', () => {
    const { output, text } = terminal()
    Object.assign(output, { isTTY: true, columns: 60 })
    const screen = createScreen(output, { NO_COLOR: '1' })
    screen.show(state)
    screen.end()
    const written = text()
    expect(written).not.toContain('\u001B[1m')
    expect(written.endsWith('\u001B[?25h')).toBe(true)
  })

  test('draws each picture over the last one in a single write', () => {
    const { output, text } = terminal()
    Object.assign(output, { isTTY: true, columns: 60 })
    const screen = createScreen(output, {})
    screen.show(state)
    const height = text().split('\n').length - 1
    screen.show(state)
    const again = text()
    screen.end()
    expect(again.startsWith(`\u001B[${height}A\r`)).toBe(true)
    expect(again).toContain('\u001B[1m')
  })
})

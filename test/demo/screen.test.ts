import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { picture } from '../../src/demo/picture.ts'
import { createScreen, type ScreenState } from '../../src/demo/screen.ts'

const state: ScreenState = {
  title: 'Lockstep  a shop of 200,000 rows',
  steps: [
    { name: 'install', note: '2.1 s' },
    { name: 'backfill', note: '40 % order_lines' },
    { name: 'mirror', note: '' },
    { name: 'complete', note: '' },
  ],
  at: 1,
  stage: 'mirror',
  primary: 'sqlite',
  writesPerSecond: 1812.4,
  readsPerSecond: 1204.9,
  lag: { entries: 12, ms: 40 },
  postgresReadPercent: 25,
  errors: 0,
  elapsedMs: 12_345,
}

describe('the live picture', () => {
  test.each([20, 40, 50, 80, 200])('is never wider than %s columns', (columns) => {
    const lines = picture(state, { columns, rows: 30, colour: false })
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns)
  })

  test.each([20, 80])('is as wide with colour as without, at %s columns', (columns) => {
    const bare = picture(state, { columns, rows: 30, colour: false })
    const coloured = picture(state, { columns, rows: 30, colour: true })
    expect(coloured.join('')).toContain('\u001B[')
    expect(coloured.map((line) => line.split('\u001B').map(afterCode).join(''))).toEqual(bare)
  })

  test('fits a low terminal and keeps the step under way in sight', () => {
    const lines = picture(state, { columns: 80, rows: 12, colour: false })
    expect(lines.length).toBeLessThan(12)
    expect(lines.join('\n')).toContain('› backfill')
  })

  test('shows steps and how they went, rates, lag and shares', () => {
    const text = picture(state, { columns: 120, rows: 40, colour: false }).join('\n')
    expect(text).toMatch(/✓ install +2\.1 s/)
    for (const part of [
      '1,812/s  to sqlite',
      '40 ms, 12 rows',
      '25 % postgres',
      '40 % order_lines',
    ]) {
      expect(text).toContain(part)
    }
  })
})

/** Without the code that an escape character begins. */
function afterCode(part: string): string {
  return part.replace(/^\[[0-9;]*m/, '')
}

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

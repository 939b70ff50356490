import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createTurns } from '../../src/core/turns.ts'
import { built } from '../support/built.ts'

test('between two pieces of work others have their turn, and the order stays', async () => {
  const inTurn = createTurns()
  const done: string[] = []
  const other = (): void => {
    done.push('other')
    if (done.length < 8) setImmediate(other)
  }
  for (const name of ['a', 'b', 'c']) inTurn(() => void done.push(name))
  setImmediate(other)
  await expect.poll(() => done.length).toBeGreaterThanOrEqual(8)
  expect(done.slice(0, 6)).toEqual(['a', 'other', 'b', 'other', 'c', 'other'])
})

test('work that comes after the last is done as well', async () => {
  const inTurn = createTurns()
  for (const name of ['a', 'b'])
    expect(await new Promise((resolve) => inTurn(() => resolve(name)))).toBe(name)
})

test('work that throws keeps nobody else from a turn', () => {
  const program = `
    import { createTurns } from ${JSON.stringify(built('core/turns.js'))}
    process.on('uncaughtException', () => console.log('told'))
    const inTurn = createTurns()
    inTurn(() => { throw new Error('work') })
    inTurn(() => console.log('done'))`
  const options = ['--input-type=module', '--eval', program]
  expect(execFileSync(process.execPath, options, { encoding: 'utf8' })).toMatch(
    /told[^]*done|done[^]*told/,
  )
})

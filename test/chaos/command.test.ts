import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { built, projectRoot } from '../support/built.ts'

test('npm run chaos does a run of the seed and the length that it is given', async () => {
  built('index.js')
  const args = ['test/chaos/main.mjs', '--seed', '3', '--minutes', '0.1']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectRoot })
  expect(stdout).toContain('Chaos by seed 3:')
  expect(stdout).toMatch(/insert acknowledged: [1-9]/)
  expect(stdout).toMatch(/Test Files.*1 passed/)
})

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createShell, type Shell } from './fake.ts'

let shell: Shell
beforeEach(async () => {
  shell = await createShell()
})
afterEach(() => shell.remove())

const checkpoint = {
  of: { migration: 'a', schema: 'b', sample: 100, begunAtMs: 1 },
  done: [{ table: 'users', rows: 3, equal: true, missing: 0, extra: 0, different: 0 }],
  under: null,
  differences: [],
}

test('the progress is in the file while it lasts, taken up again, and gone at the end', async () => {
  const file = join(shell.cwd, 'verify.state')
  shell.calls.verify.mockImplementationOnce((options) => {
    options?.onCheckpoint?.(checkpoint)
    throw new Error('stopped')
  })
  expect((await shell.run('verify --resume verify.state')).exitCode).toBe(1)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(checkpoint)
  expect((await shell.run('verify --resume verify.state --values --sample 5%')).exitCode).toBe(0)
  expect(shell.calls.verify.mock.lastCall?.[0]).toMatchObject({
    resume: checkpoint,
    values: true,
    sample: 5,
    thread: false,
  })
  expect(existsSync(file)).toBe(false)
})

test('where the progress cannot be written the run ends and says so, and leaves nothing half written', async () => {
  shell.calls.verify.mockImplementationOnce(async (options) => {
    options?.onCheckpoint?.(checkpoint)
    return { equal: true, tables: [], differences: [], problems: [] }
  })
  const { exitCode, stderr } = await shell.run('verify --resume not/there.state')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('FILE_UNWRITABLE')
  expect(existsSync(join(shell.cwd, 'not/there.state.new'))).toBe(false)
})

test('the progress is a line on a terminal that says how long it will take', async () => {
  shell.calls.verify.mockImplementationOnce(async (options) => {
    const speed = { rowsPerSecond: 250_000, timeLeftMs: 61_000 }
    options?.onProgress?.({ table: 'users', rows: 50, total: 200, ...speed })
    return { equal: true, tables: [], differences: [], problems: [] }
  })
  const { stderr } = await shell.run('verify', true)
  expect(stderr).toContain(
    'verify [#####---------------] 25 % users: 50 of about 200 rows, 250,000 rows/s, 1 min 1 s left',
  )
})

test.each(['{', '{"done":1}', '', '{"done":[],"under":null,"differences":[]}'])(
  'a file that holds something else is refused: %s',
  async (text) => {
    writeFileSync(join(shell.cwd, 'other.json'), text)
    const { exitCode, stderr } = await shell.run('verify --resume other.json')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('not the progress of a verify')])
    expect(readFileSync(join(shell.cwd, 'other.json'), 'utf8')).toBe(text)
  },
)

test.each(['0', '101', 'half', '-5'])('a sample of %s is refused', async (sample) => {
  const { exitCode, stderr } = await shell.run(['verify', '--sample', sample])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/at most 100|unknown option|argument missing/)
})

test('the help says that the file of the progress goes at the end', async () => {
  const { stdout } = await shell.run('verify --help')
  expect(stdout.replace(/\s+/g, ' ')).toContain('the file goes when the run is over')
})

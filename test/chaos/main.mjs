/** `npm run chaos -- --seed N --minutes M`: one run of test/chaos, as long and by the seed that one wants. */
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '5' } },
})
for (const [name, value] of Object.entries(values))
  if (!(Number(value) > 0)) throw new TypeError(`--${name} must be a number above 0, not ${value}`)
process.env.LOCKSTEP_CHAOS_SEED = values.seed
process.env.LOCKSTEP_CHAOS_MINUTES = values.minutes
const vitest = await startVitest('test', ['test/chaos/chaos.test.ts'], {
  project: ['long'],
  disableConsoleIntercept: true,
  watch: false,
})
await vitest.close()

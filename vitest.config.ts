import { availableParallelism } from 'node:os'
import {
  configDefaults,
  defineConfig,
  type TestProjectInlineConfiguration,
  type ViteUserConfig,
} from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { postgres15Bindir } from './test/support/postgres-15.ts'

const shared = {
  // Files keep no state in modules, so a worker loads the source once, not for each of its files.
  isolate: false,
  globalSetup: ['test/support/global-setup.ts'],
  // Real servers on a machine that may be busy: a bound against hanging, no measure of speed.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Races between real processes: what fails three times in a row on a busy machine is no race.
  retry: process.env['CI'] === 'true' ? 2 : 0,
}

/** What kills processes, breaks networks, checks a model, tries each trial and runs each command of the documents. */
const longFiles = ['test/{bench,chaos,crash,model,soak}/**/*.test.ts', 'test/docs.test.ts']

/** Every test runs on the embedded PostgreSQL 18, or on the server that DATABASE_URL names. */
const postgres18: TestProjectInlineConfiguration = {
  test: {
    ...shared,
    name: 'postgres-18',
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...longFiles],
  },
}

/** `npm run test:long`, with PostgreSQL 15: `npm test` is to stay short. */
const long: TestProjectInlineConfiguration = {
  test: { ...shared, name: 'long', include: longFiles },
}

/** What the two places promise is checked on the oldest PostgreSQL that Lockstep supports as well. */
const postgres15: TestProjectInlineConfiguration = {
  test: {
    ...shared,
    name: 'postgres-15',
    include: [
      'test/contract/**/*.test.ts',
      'test/compat/**/*.test.ts',
      'test/security/roles.test.ts',
    ],
  },
}

function projects(): TestProjectInlineConfiguration[] {
  const absent = postgres15Bindir() === null
  if (process.env['LOCKSTEP_TEST_POSTGRES'] === '15') return [postgres15]
  if (!absent || process.env['CI'] === 'true') return [postgres18, long, postgres15]
  process.stderr.write('PostgreSQL 15 is not installed: the contract suite runs on 18 only.\n')
  return [postgres18, long]
}

/** What takes a minute and more, for kills, loads and programs: begun last, one of them would keep everybody waiting. */
const beginFirst =
  /\/test\/.*(crash|chaos|demo|docs|examples|fidelity|soak|model|operator|schema-corpora|sync-schema|sample-journeys)/

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted(
      (a, b) => Number(beginFirst.test(b.moduleId)) - Number(beginFirst.test(a.moduleId)),
    )
  }
}

// Tests wait for servers and processes as much as they compute; Vitest leaves a core free by itself.
const maxWorkers = Math.max(3, availableParallelism())
const config: ViteUserConfig = defineConfig({
  test: { projects: projects(), maxWorkers, sequence: { sequencer: LongestFirst } },
})
export default config

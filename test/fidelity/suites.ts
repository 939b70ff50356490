import { createCheckedTranslator } from '../support/postgres-parser.ts'
import { runApplications } from './corpora/apps.ts'
import { runLogicTests } from './corpora/sqllogictest.ts'
import { runSqlTests } from './corpora/sqltest.ts'
import { runStatements } from './corpora/statements.ts'
import { replayTrace } from './corpora/traces.ts'
import { fuzzInjection } from './fuzz/injection.ts'
import { fuzz } from './fuzz/run.ts'
import type { Score } from './outcome.ts'
import type { MakeTranslator } from './postgres-side.ts'
import type { FidelityServer } from './server.ts'

/** `full` is what docs/fidelity.md shows; `ci` is a part of it that takes a minute or two. */
export type Extent = 'full' | 'ci'

export interface Suite {
  readonly name: string
  /** What it is, for the report. */
  readonly about: string
  /** Null where its data is not there. */
  run(server: FidelityServer, make: MakeTranslator, extent: Extent): Promise<Score | null>
}

/** The seed of the runs that are kept; a run of one's own may take another. */
export const fuzzSeed: number = Number(process.env['FIDELITY_SEED'] ?? 20_261_121)
const fuzzRuns: Record<Extent, number> = {
  full: Number(process.env['FIDELITY_RUNS'] ?? 100_000),
  ci: 600,
}

/** One of so many, so that a part takes no more than its share of a run in CI. */
const part = (extent: Extent, every: number): { every: number } => ({
  every: extent === 'ci' ? every : 1,
})

export const suites: readonly Suite[] = [
  {
    name: 'sqltest',
    about: "tests of SQLite's semantics, each a case of several statements from an empty database",
    run: (server, make, extent) => runSqlTests(server, make, part(extent, 16)),
  },
  {
    name: 'statements',
    about: 'the hard set: one statement each over one fixture, with parameters and following state',
    run: (server, make) => runStatements(server, make),
  },
  {
    name: 'drizzle',
    about: 'what the integration suite of drizzle-orm sends, replayed',
    run: (server, make, extent) => replayTrace(server, make, 'drizzle', { ...part(extent, 4) }),
  },
  {
    name: 'claude-mem',
    about: 'what the test suite of an application sends, replayed',
    run: (server, make, extent) => replayTrace(server, make, 'claude-mem', part(extent, 133)),
  },
  {
    name: 'apps',
    about: 'statements of five applications on their own schemas, carried over',
    run: (server, make, extent) => runApplications(server, make, part(extent, 8)),
  },
  {
    name: 'sqllogictest',
    about: "SQLite's own regression tests, which PostgreSQL passes nearly as they are",
    run: (server, make, extent) => runLogicTests(server, make, part(extent, 60)),
  },
  {
    name: 'fuzz',
    about: 'generated statements over five tables, each from the same state',
    run: (server, make, extent) => fuzz(server, make, { seed: fuzzSeed, runs: fuzzRuns[extent] }),
  },
  {
    name: 'injection',
    about: 'hostile names and texts, which must stay names and texts',
    run: (server, make, extent) =>
      fuzzInjection(server, make, { seed: fuzzSeed, runs: extent === 'ci' ? 60 : 2000 }),
  },
]

export const translator: MakeTranslator = (catalog) => createCheckedTranslator(catalog)

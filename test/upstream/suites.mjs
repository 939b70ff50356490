import { exclusions as drizzle } from './exclusions/drizzle.mjs'
import { exclusions as kysely } from './exclusions/kysely.mjs'

/**
 * The suites of others that run through Lockstep.
 *
 * @typedef {object} Suite
 * @property {readonly string[]} copied folders and files of a checkout that its tests need
 * @property {readonly string[]} tests what of it is run, as Vitest's `include`
 * @property {readonly string[]} tools packages that its tests import, in the versions that the checkout asks for
 * @property {string} manifest the package.json that asks for them
 * @property {string} folder where the tests are started in
 * @property {boolean} isolate whether each file has modules of its own
 * @property {Readonly<Record<string, string>>} env
 * @property {readonly import('./report.mjs').Exclusion[]} exclusions
 */

/** @type {Readonly<Record<string, Suite>>} */
export const suites = {
  drizzle: {
    copied: ['tests', 'drizzle2'].map((path) => `integration-tests/${path}`),
    tests: ['sqlite/libsql.test.ts', 'sqlite/libsql-batch.test.ts', 'relational/turso.test.ts'].map(
      (path) => `integration-tests/tests/${path}`,
    ),
    tools: ['@libsql/client', 'async-retry', 'dotenv', 'keyv'],
    manifest: 'integration-tests/package.json',
    folder: 'integration-tests',
    isolate: true,
    env: { LIBSQL_URL: 'file:plain.db' },
    exclusions: drizzle,
  },
  kysely: {
    copied: ['test/node/src'],
    tests: ['test/node/src/**/*.test.ts'],
    tools: ['chai', 'chai-as-promised', 'pathe', 'sinon'],
    manifest: 'package.json',
    folder: '.',
    // As mocha runs them: one process loads all files.
    isolate: false,
    env: { DIALECTS: 'sqlite' },
    exclusions: kysely,
  },
}

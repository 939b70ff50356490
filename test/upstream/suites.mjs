import { asynchronous } from './asynchronous.mjs'
import { exclusions as betterSqlite3 } from './exclusions/better-sqlite3.mjs'
import { exclusions as drizzle } from './exclusions/drizzle.mjs'
import { exclusions as kysely } from './exclusions/kysely.mjs'

/**
 * The suites of others that run through Lockstep.
 *
 * @typedef {object} Suite
 * @property {readonly string[]} copied folders and files of a checkout that its tests need
 * @property {readonly string[]} tests what of it is run, as Vitest's `include`
 * @property {readonly string[]} [synchronousTests] what is run besides where nothing is asynchronous
 * @property {readonly string[]} tools packages that its tests import, in the versions that the checkout asks for
 * @property {readonly string[]} places
 * @property {(source: string, path: string, place: string) => string | undefined} [rewritten] what is changed of a file
 * @property {readonly string[]} [setup] files beside this one that are loaded before each test file
 * @property {string} manifest the package.json that asks for them
 * @property {string} folder where the tests are started in
 * @property {boolean} isolate whether each file has modules of its own
 * @property {Readonly<Record<string, string>>} env
 * @property {readonly import('./report.mjs').Exclusion[]} exclusions
 */

/** @type {Readonly<Record<string, Suite>>} */
export const suites = {
  'better-sqlite3': {
    copied: ['test'],
    // The others are of what better-sqlite3 itself is: how it is installed, opened, loaded and logged. The synchronous
    // wrapper alone has virtual tables, and states of being busy that another call can meet; copies are the driver's own.
    tests: ['1[1-4]', '2*', '30', '32', '33', '40', '50'].map((part) => `test/${part}*.js`),
    synchronousTests: ['34', '36', '42'].map((part) => `test/${part}*.js`),
    tools: ['chai'],
    places: ['plain', 'synchronous', 'sqlite', 'postgres'],
    rewritten: (source, path, place) =>
      path.endsWith('.js') && !path.includes('node_modules')
        ? asynchronous(source, { calls: place === 'sqlite' || place === 'postgres' })
        : undefined,
    setup: ['better-sqlite3.ts'],
    manifest: 'package.json',
    folder: '.',
    isolate: false,
    env: {},
    exclusions: betterSqlite3,
  },
  drizzle: {
    copied: ['tests', 'drizzle2'].map((path) => `integration-tests/${path}`),
    tests: ['sqlite/libsql.test.ts', 'sqlite/libsql-batch.test.ts', 'relational/turso.test.ts'].map(
      (path) => `integration-tests/tests/${path}`,
    ),
    tools: ['@libsql/client', 'async-retry', 'dotenv', 'keyv'],
    places: ['plain', 'sqlite', 'postgres'],
    manifest: 'integration-tests/package.json',
    // It would store a text in each INTEGER column of a time, which SQL_UNSUPPORTED refuses on PostgreSQL.
    rewritten: (source, path) =>
      path.endsWith('sqlite.schema.ts')
        ? source.replaceAll('sql`current_timestamp`', 'sql`(unixepoch() * 1000)`')
        : undefined,
    folder: 'integration-tests',
    isolate: true,
    env: { LIBSQL_URL: 'file:plain.db' },
    exclusions: drizzle,
  },
  kysely: {
    copied: ['test/node/src'],
    tests: ['test/node/src/**/*.test.ts'],
    places: ['plain', 'sqlite', 'postgres'],
    tools: ['chai', 'chai-as-promised', 'pathe', 'sinon'],
    manifest: 'package.json',
    folder: '.',
    // As mocha runs them: one process loads all files.
    isolate: false,
    env: { DIALECTS: 'sqlite' },
    exclusions: kysely,
  },
}

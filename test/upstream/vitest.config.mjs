import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { suites } from './suites.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { LOCKSTEP_UPSTREAM_SUITE: name = '', LOCKSTEP_UPSTREAM_WORK: work = '' } = process.env
const place = process.env['LOCKSTEP_UPSTREAM_PLACE'] ?? ''
const suite = suites[name]
const isSynchronous = place === 'plain' || place === 'synchronous'

/** In the copy of a suite, what opens a database is Lockstep's, and what is of other databases is nothing. */
const aliases = {
  drizzle: [
    { find: /^~\//, replacement: `${work}/integration-tests/tests/` },
    place === 'plain'
      ? {
          find: /^@libsql\/client$/,
          replacement: `${work}/node_modules/@libsql/client/lib-esm/node.js`,
        }
      : {
          find: /^(?:@libsql\/client|drizzle-orm\/libsql|drizzle-orm\/libsql\/migrator)$/,
          replacement: here('drizzle.ts'),
        },
  ],
  kysely: [
    { find: /^(?:\.\.\/)+dist\/cjs\/index\.js$/, replacement: here('kysely.ts') },
    { find: /^(?:\.\.\/)+dist\/cjs\//, replacement: here('../../node_modules/kysely/dist/esm/') },
    { find: /^(?:mysql2|tarn|tedious|pg-cursor)$/, replacement: here('nothing.ts') },
  ],
}

/** @type {import('vitest/config').Plugin} */
const rewriting = {
  name: 'rewritten tests',
  enforce: 'pre',
  transform: (source, id) =>
    id.startsWith(work) ? suite.rewritten?.(source, id, place) : undefined,
}

export default defineConfig({
  root: work,
  plugins: [rewriting],
  resolve: { alias: aliases[name] ?? [] },
  test: {
    name: `upstream ${name}`,
    include: [...suite.tests, ...(isSynchronous ? (suite.synchronousTests ?? []) : [])],
    setupFiles: [here('mocha.ts'), ...(suite.setup ?? []).map(here)],
    globalSetup: [here('../support/global-setup.ts')],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    isolate: suite.isolate,
    // The suites spy on what an earlier test has spied on, which Vitest 3 forgot after each.
    restoreMocks: true,
    // So that what they import is replaced as well.
    server: { deps: { inline: [/drizzle-orm/, /kysely/] } },
  },
})

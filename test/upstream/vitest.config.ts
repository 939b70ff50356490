import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { suites } from './suites.mjs'

interface Alias {
  find: RegExp
  replacement: string
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { LOCKSTEP_UPSTREAM_SUITE: name = '', LOCKSTEP_UPSTREAM_WORK: work = '' } = process.env
const isPlain = process.env['LOCKSTEP_UPSTREAM_PLACE'] === 'plain'

/** In the copy of a suite, what opens a database is Lockstep's, and what is of other databases is nothing. */
const aliases: Record<string, Alias[]> = {
  drizzle: [
    { find: /^~\//, replacement: `${work}/integration-tests/tests/` },
    isPlain
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

const config: ViteUserConfig = defineConfig({
  root: work,
  resolve: { alias: aliases[name] ?? [] },
  test: {
    name: `upstream ${name}`,
    include: [...(suites[name]?.tests ?? [])],
    setupFiles: [here('mocha.ts')],
    globalSetup: [here('../support/global-setup.ts')],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    isolate: suites[name]?.isolate ?? true,
    // The suites spy on what an earlier test has spied on, which Vitest 3 forgot after each.
    restoreMocks: true,
    // So that what they import is replaced as well.
    server: { deps: { inline: [/drizzle-orm/, /kysely/] } },
  },
})
export default config

import { defineConfig, type RolldownOptions } from 'rolldown'

/** What applications import and run, and the threads' files. */
const entries = {
  index: 'src/index.ts',
  admin: 'src/admin/index.ts',
  'better-sqlite3': 'src/adapters/better-sqlite3/index.ts',
  drizzle: 'src/adapters/drizzle/index.ts',
  'drizzle-migrator': 'src/adapters/drizzle/migrator.ts',
  knex: 'src/adapters/knex/index.ts',
  kysely: 'src/adapters/kysely/index.ts',
  prisma: 'src/adapters/prisma/index.ts',
  'range-worker': 'src/sqlite/range-worker.ts',
  'text-worker': 'src/move/text-worker.ts',
  cli: 'src/cli/main.ts',
}

/**
 * A few files instead of some 700 modules: the command starts in some half of the time. What is
 * imported by a package's name stays with its package.
 */
const config: RolldownOptions = defineConfig({
  input: entries,
  platform: 'node',
  external: /^[^./]/,
  logLevel: 'warn',
  output: { dir: 'dist/bundle', cleanDir: true, sourcemap: true, sourcemapExcludeSources: true },
})
export default config

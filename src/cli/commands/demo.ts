import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'
import { aConnectionString, isConnectionString } from '../../options/place-options.ts'
import { UsageError } from '../output.ts'

/** What the command line gives to `runDemo`. */
export interface DemoArguments {
  readonly db?: string
  readonly databaseUrl?: string
  readonly seconds?: number
  readonly seed?: number
  readonly rows?: number
  readonly writers?: number
  readonly readers?: number
  readonly json: boolean
  readonly signal: AbortSignal
}

export interface DemoResult {
  readonly ok: boolean
}

export function addDemo(program: Command, cli: Cli): void {
  command(
    program,
    'demo',
    'Goes through the whole journey with live traffic, on a PostgreSQL of its own.',
    'lockstep demo --seconds 30',
  )
    .option('--db <file>', 'try it on a copy of this SQLite file')
    .option(
      '--database-url <url>',
      'make a database on this server (default: DATABASE_URL) instead of starting one',
    )
    .option('--seconds <n>', 'how long the traffic runs', positiveInteger)
    .option('--seed <n>', 'the same seed makes the same data and order of work', positiveInteger)
    .option('--rows <n>', 'size of the generated shop', positiveInteger)
    .option('--writers <n>', 'concurrent writers', positiveInteger)
    .option('--readers <n>', 'concurrent readers', positiveInteger)
    .action((options: Omit<DemoArguments, 'json' | 'signal'>) =>
      cli.report(async () => {
        const { env, signal, runDemo } = cli.environment
        const server = options.databaseUrl ?? env['DATABASE_URL'] ?? ''
        if (server !== '' && !isConnectionString(server))
          throw new UsageError(`--database-url (DATABASE_URL) must be ${aConnectionString}`)
        const { ok } = await runDemo({
          ...(server === '' ? {} : { databaseUrl: server }),
          ...options,
          json: cli.globals().json,
          signal,
        })
        return { document: null, text: '', printed: true, exitCode: ok ? 0 : 1 }
      }),
    )
}

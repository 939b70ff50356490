import type { Command } from 'commander'
import { createToken } from '../../admin/access.ts'
import type { Lockstep } from '../../api.ts'
import { defaultAddress, parseAddress } from '../admin-config.ts'
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
  readonly serve?: (db: Lockstep) => Promise<AsyncDisposable & { readonly url: string }>
}

export interface DemoResult {
  readonly ok: boolean
}

type Given = Omit<DemoArguments, 'json' | 'signal' | 'serve'> & { readonly admin?: string | true }

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
    .option(
      '--admin [address]',
      `serve the dashboard meanwhile, to look at alone (${defaultAddress} unless given)`,
    )
    .action(({ admin, ...options }: Given) =>
      cli.report(async () => {
        const { env, signal, runDemo } = cli.environment
        const server = options.databaseUrl ?? env['DATABASE_URL'] ?? ''
        if (server !== '' && !isConnectionString(server))
          throw new UsageError(`--database-url (DATABASE_URL) must be ${aConnectionString}`)
        const { ok } = await runDemo({
          ...(server === '' ? {} : { databaseUrl: server }),
          ...options,
          ...(admin === undefined ? {} : { serve: dashboardAt(admin, cli) }),
          json: cli.globals().json,
          signal,
        })
        return { document: null, text: '', printed: true, exitCode: ok ? 0 : 1 }
      }),
    )
}

/**
 * A reader's token, so that nobody moves what the demo is about to move. It ends with the demo; behind the `#` a browser
 * keeps it to itself.
 */
function dashboardAt(
  address: string | true,
  { environment: { serveAdmin } }: Cli,
): NonNullable<DemoArguments['serve']> {
  const at = parseAddress(address === true ? defaultAddress : address)
  return async (db) => {
    const reader = createToken()
    const server = await serveAdmin(db, { ...at, tokens: { reader } })
    return { ...server, url: `${server.url}#token=${reader}` }
  }
}

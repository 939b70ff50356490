import { rule, warning, wrong, type Rule } from './doctor-report.ts'
import type { ResolvedOptions } from '../options/options.ts'
import type { ServerExamination } from '../postgres/examine.ts'

/** The majors that the tests run on. */
const supported = { from: 15, to: 18 }
/** Connections that Lockstep opens beside the application's pool. */
const ownConnections = 6
const maxSkewMs = 5000
const slowMs = 20

/** What a server must be like, and had better be. */
export function serverRules(
  facts: ServerExamination,
  { max, schema }: ResolvedOptions['postgres'],
): Rule[] {
  const isSupported = facts.majorVersion >= supported.from && facts.majorVersion <= supported.to
  const needed = max + ownConnections
  const free = facts.maxConnections - facts.usedConnections
  return [
    rule(
      'version',
      facts.version,
      isSupported,
      facts.majorVersion < supported.from
        ? wrong(`PostgreSQL ${supported.from} or newer is needed`)
        : warning(`newer than ${supported.to}, the newest that was tried`),
    ),
    rule(
      'encoding',
      facts.encoding,
      facts.encoding === 'UTF8',
      wrong('SQLite holds Unicode: make the database with ENCODING UTF8'),
    ),
    rule(
      'rights',
      facts.mayCreateSchema && facts.mayCreateTables ? 'may create' : 'may not create',
      facts.mayCreateSchema && facts.mayCreateTables,
      wrong(
        facts.mayCreateSchema
          ? `GRANT CREATE, USAGE ON SCHEMA ${schema} TO the user`
          : 'GRANT CREATE ON DATABASE ... TO the user, for the schema lockstep',
      ),
    ),
    rule(
      'primary',
      !facts.inRecovery,
      !facts.inRecovery,
      wrong('this is a standby: connect to its primary'),
    ),
    rule(
      'writable',
      !facts.isReadOnly,
      !facts.isReadOnly,
      wrong('default_transaction_read_only is on'),
    ),
    ...wayRules(facts),
    rule(
      'pool',
      `${needed} of ${facts.maxConnections} connections, ${free} free`,
      free >= needed,
      warning(
        `each process opens up to ${needed} (postgres.max and ${ownConnections}); raise max_connections or lower postgres.max`,
      ),
    ),
  ]
}

/** The way to the server, and for how long it lasts. */
function wayRules(facts: ServerExamination): Rule[] {
  return [
    rule(
      'tls',
      facts.tls ?? 'none',
      facts.tls !== null,
      warning('the connection is not encrypted; fine on this machine alone'),
    ),
    rule(
      'session',
      facts.keepsSession ? 'kept' : 'lost',
      facts.keepsSession,
      wrong('a pooler shares sessions: Lockstep needs its session mode, or the server itself'),
    ),
    rule(
      'round trip',
      `${facts.roundTripMs} ms`,
      facts.roundTripMs <= slowMs,
      warning('a flip drains in some round trips, and every write after it makes one'),
    ),
    rule(
      'clock',
      `${facts.clockSkewMs} ms apart`,
      Math.abs(facts.clockSkewMs) <= maxSkewMs,
      warning('set both clocks: the deadline of a flip is a time of day, and so is lag'),
    ),
  ]
}

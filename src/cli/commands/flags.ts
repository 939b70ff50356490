import type { Command } from 'commander'
import { audited, withReason, type ChangeOptions } from '../change.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { parse, stringify } from 'yaml'
import { LockstepError } from '../../core/errors.ts'
import { isRecord } from '../../core/record.ts'
import { parseFlagsPatch } from '../../route/flags.ts'
import { UsageError } from '../output.ts'
import type { Flags, FlagsPatch } from '../../route/flags.ts'
import type { Outcome } from '../cli.ts'

export function addFlags(program: Command, cli: Cli): void {
  const flags = command(
    program,
    'flags',
    'Reads and changes flags; running applications follow within one second.',
    'lockstep flags set reads.postgres=25 shadow.sample=10',
  )
  command(flags, 'get', 'Shows the flags in force.', 'lockstep flags get').action(() =>
    cli.withLockstep(async (db) => {
      const { flagsRefused } = await db.status()
      if (flagsRefused !== null) throw new LockstepError('FLAGS_INVALID', flagsRefused)
      return outcome(db.flags())
    }, looking),
  )
  const set = command(
    flags,
    'set',
    'Changes flags, all or none of them.',
    'lockstep flags set reads.tables.users=50 ack=both',
  )
  withReason(set)
    .argument('<assignments...>', 'flag=value; null takes a table out of reads.tables')
    .action((assignments: string[], { reason }: ChangeOptions) => {
      const patch = parseAssignments(assignments)
      const request = { call: 'flags', reason, arguments: { ...patch } }
      return cli.withLockstep(async (db) => {
        db.on('finding', ({ message }) => cli.progress(`warning: ${message}`))
        return outcome(await audited(cli, db, request, () => db.setFlags(patch)))
      }, looking)
    })
}

/** A file that is wrong can be mended by `set`, where its YAML can be read. */
const looking = { applier: false, flagsRequired: false }

function outcome(flags: Flags): Outcome {
  return { document: flags, text: stringify(flags) }
}

/** `reads.postgres=25` and the like, values as in YAML, into one checked patch. */
export function parseAssignments(assignments: readonly string[]): FlagsPatch {
  const patch = emptyGroup()
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    if (equals < 1) throw new UsageError(`${assignment} must have the form flag=value`)
    const path = pathOf(assignment.slice(0, equals))
    const last = path.at(-1) as string
    let group = patch
    for (const key of path.slice(0, -1)) {
      const inner = Object.hasOwn(group, key) && isRecord(group[key]) ? group[key] : emptyGroup()
      group[key] = inner
      group = inner
    }
    group[last] = valueOf(assignment.slice(equals + 1))
  }
  return parseFlagsPatch(patch)
}

/** Without a prototype, so that `__proto__` is a key as any other and is refused as one. */
function emptyGroup(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

/** What follows `reads.tables.` is a table's name, dots and all. */
function pathOf(key: string): string[] {
  const table = /^reads\.tables\.(.+)$/.exec(key)?.[1]
  return table === undefined ? key.split('.') : ['reads', 'tables', table]
}

function valueOf(text: string): unknown {
  try {
    return parse(text) as unknown
  } catch {
    return text
  }
}

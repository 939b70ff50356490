import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAdvance } from './commands/advance.ts'
import { addAssess } from './commands/assess.ts'
import { addAudit } from './commands/audit.ts'
import { addBackfill } from './commands/backfill.ts'
import { addBackup } from './commands/backup.ts'
import { addComplete } from './commands/complete.ts'
import { addCodemod } from './commands/codemod.ts'
import { addCompletion } from './commands/completion.ts'
import { addDemo } from './commands/demo.ts'
import { addDivergences } from './commands/divergences.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addFlags } from './commands/flags.ts'
import { addFlip } from './commands/flip.ts'
import { addInit } from './commands/init.ts'
import { addInstall } from './commands/install.ts'
import { addQuarantine } from './commands/quarantine.ts'
import { addReady } from './commands/ready.ts'
import { addRepair } from './commands/repair.ts'
import { addRestore } from './commands/restore.ts'
import { addRollback } from './commands/rollback.ts'
import { addRun } from './commands/run.ts'
import { addSchema } from './commands/schema.ts'
import { addStatements } from './commands/statements.ts'
import { addStatus } from './commands/status.ts'
import { addThrottle } from './commands/throttle.ts'
import { addUninstall } from './commands/uninstall.ts'
import { addVerify } from './commands/verify.ts'
import { addWatch } from './commands/watch.ts'
import { codeRoot } from '../core/code-root.ts'
import type { Cli } from './cli.ts'

const EXIT_CODES = `
Exit codes:
  0  done, equal or ready
  1  failed; for status: PostgreSQL does not answer
  2  wrong usage or configuration
  3  not equal, not ready, or refused by a gate

Example:
  $ DATABASE_URL=postgres://localhost/app lockstep status --json`

/** In the order of the journey. */
const COMMANDS = [
  addInit,
  addDoctor,
  addAssess,
  addCodemod,
  addBackup,
  addInstall,
  addSchema,
  addBackfill,
  addThrottle,
  addVerify,
  addRepair,
  addStatements,
  addDivergences,
  addStatus,
  addWatch,
  addFlags,
  addReady,
  addAdvance,
  addFlip,
  addRollback,
  addQuarantine,
  addAudit,
  addRun,
  addComplete,
  addRestore,
  addExport,
  addUninstall,
  addDemo,
  addCompletion,
]

/** Nothing is printed and nothing exits but through `cli`. */
export function createProgram(cli: Cli): Command {
  const { stdout, stderr } = cli.environment
  const program = new Command('lockstep')
    .description('Moves a live application from SQLite to PostgreSQL, and back.')
    .version(packageVersion(), '--version', 'print the version')
    .option('--config <file>', 'configuration file (default: "config/lockstep.yaml")')
    .option('--json', 'print one JSON document on standard output', false)
    .option('--quiet', 'no progress on standard error', false)
    .addHelpText('after', EXIT_CODES)
    // Errors are told by run.ts, once, in the form that --json asks for.
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
    })
    .exitOverride()
  for (const add of COMMANDS) add(program, cli)
  return program
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', codeRoot), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

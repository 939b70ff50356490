import { CommanderError } from 'commander'
import type { Lockstep } from '../api.ts'
import { loadConfig } from './config.ts'
import { StoppedError, UsageError, errorText, exitCodeOf, toJson } from './output.ts'
import { createProgram } from './program.ts'
import type { Cli, Environment, OpenOptions, Outcome } from './cli.ts'

/**
 * Runs one command line (without `node` and the script) and resolves with the exit code: 0 done, equal or
 * ready; 1 failed; 2 wrong usage or configuration; 3 not equal, not ready, or refused by a gate.
 */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  const json = args.includes('--json')
  const { stdout, stderr } = environment
  let exitCode = 0
  const cli = createCli(
    environment,
    () => program.opts(),
    (outcome) => {
      if (outcome.printed !== true) {
        stdout.write(json ? toJson(outcome.document) : withLineBreak(outcome.text))
      }
      exitCode = outcome.exitCode ?? 0
    },
  )
  const program = createProgram(cli)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      // Without a command the help has been printed instead.
      if (error.code === 'commander.help' && !json) return 2
    }
    const problem = fromCommander(stoppedOr(error, environment.signal))
    stderr.write(errorText(problem, json))
    return exitCodeOf(problem)
  }
}

type Globals = ReturnType<Cli['globals']>

function createCli(
  environment: Environment,
  globals: () => Globals,
  print: (outcome: Outcome) => void,
): Cli {
  const { stderr } = environment
  let overwritable = false
  const endLine = (): void => {
    if (overwritable) stderr.write('\n')
    overwritable = false
  }
  const cli: Cli = {
    environment,
    globals,
    async report(work) {
      try {
        const outcome = await work()
        endLine()
        print(outcome)
      } finally {
        endLine()
      }
    },
    withLockstep: (work, options) => cli.report(() => over(cli, work, options)),
    progress(line, passing = false) {
      if (globals().quiet || (passing && stderr.isTTY !== true)) return
      stderr.write(`${overwritable ? '\r\u001B[K' : ''}${line}${passing ? '' : '\n'}`)
      overwritable = passing
    },
  }
  return cli
}

async function over(
  cli: Cli,
  work: (db: Lockstep) => Promise<Outcome>,
  { applier, flagsRequired = true }: OpenOptions = {},
): Promise<Outcome> {
  const { cwd, env } = cli.environment
  const config = loadConfig({ path: cli.globals().config, cwd, env })
  const enabled = applier === undefined ? {} : { enabled: applier }
  const { flags } = config
  const db = await cli.environment.createLockstep({
    ...config,
    ...(flagsRequired || !flags || !('file' in flags)
      ? {}
      : { flags: { ...flags, required: false } }),
    applier: { ...config.applier, ...enabled },
  })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/** What is stopped rejects with the signal's reason, which is no error; all else that fails has one of its own. */
function stoppedOr(error: unknown, { aborted, reason }: AbortSignal): unknown {
  return aborted && error === reason ? new StoppedError(reason) : error
}

function fromCommander(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error
  if (error.code === 'commander.help') return new UsageError('a command is needed')
  return new UsageError(error.message.replace(/^error: /, ''), { cause: error })
}

function withLineBreak(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

import { run } from '../../src/cli/run.ts'
import type { Environment } from '../../src/cli/cli.ts'
import { createLockstep } from '../../src/index.ts'
import { assess } from '../../src/steps/assess.ts'
import { doctor } from '../../src/steps/doctor.ts'

/** Runs a command line as its own process does, whose start would be most of the time; gives all that it prints. */
export async function runCommand(
  args: readonly string[],
  { folder, env }: { folder: string; env: Record<string, string> },
): Promise<string> {
  let printed = ''
  const stream = { write: (text: string) => (printed += text) !== '' }
  const notHere = (): Promise<never> => Promise.reject(new Error('Not a command of this test'))
  const environment: Environment = {
    env,
    cwd: folder,
    stdout: stream,
    stderr: stream,
    signal: new AbortController().signal,
    actor: 'test',
    createLockstep,
    assess,
    doctor,
    serveAdmin: notHere,
    archive: () => import('../../src/steps/archive.ts'),
    runDemo: notHere,
  }
  await run(args, environment)
  return printed
}

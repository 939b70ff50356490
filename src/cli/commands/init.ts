import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { DEFAULT_CONFIG } from '../config.ts'
import { codeRoot } from '../../core/code-root.ts'

/** The examples that ship with the package, beside `src` as beside `dist`. */
const EXAMPLES = new URL('../config/', codeRoot)

export function addInit(program: Command, cli: Cli): void {
  command(
    program,
    'init',
    'Writes a commented configuration and a flags file. Files that are there are kept.',
    'lockstep init && $EDITOR config/lockstep.yaml',
  ).action(() =>
    cli.report(async () => {
      const { cwd } = cli.environment
      const config = resolve(cwd, cli.globals().config ?? DEFAULT_CONFIG)
      const flags = join(dirname(config), 'flags.yaml')
      const text = await example('lockstep.yaml')
      const flagsPath = `./${relative(cwd, flags)}`
      const written = [
        // It may come to hold a password.
        ...(await write(config, text.replace('./config/flags.yaml', flagsPath), 0o600)),
        ...(await write(flags, await example('flags.yaml'))),
      ]
      const kept = [config, flags].filter((file) => !written.includes(file))
      const lines = [
        ...written.map((file) => `wrote ${relative(cwd, file)}`),
        ...kept.map((file) => `kept ${relative(cwd, file)}, which was there`),
      ]
      return { document: { written, kept }, text: lines.join('\n') }
    }),
  )
}

function example(name: string): Promise<string> {
  return readFile(new URL(name, EXAMPLES), 'utf8')
}

async function write(file: string, text: string, mode = 0o666): Promise<string[]> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, text, { flag: 'wx', mode })
    return [file]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return []
    throw error
  }
}

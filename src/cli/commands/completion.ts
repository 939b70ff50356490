import { Argument, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { completionScript, shells } from '../completion.ts'

export function addCompletion(program: Command, cli: Cli): void {
  command(
    program,
    'completion',
    'Prints what a shell reads to complete this command.',
    'lockstep completion bash > ~/.local/share/bash-completion/completions/lockstep',
  )
    .addArgument(new Argument('<shell>', 'the shell').choices([...shells]))
    .action((shell: (typeof shells)[number]) =>
      cli.report(async () => {
        const script = completionScript(program, shell)
        return { document: { shell, script }, text: script }
      }),
    )
}

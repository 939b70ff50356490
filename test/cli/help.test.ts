import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { createProgram } from '../../src/cli/program.ts'
import { projectRoot } from '../support/built.ts'
import { createShell, type Shell } from './fake.ts'

let shell: Shell
beforeAll(async () => {
  shell = await createShell()
})
afterAll(() => shell.remove())

const nowhere = { write: () => true }
const environment = { stdout: nowhere, stderr: nowhere } as unknown as Cli['environment']
const program = createProgram({ environment } as Cli)

/** Those that do something; `flags` alone does not. */
function pathsOf(command: Command, path: string[] = []): string[][] {
  const own = path.length > 0 && command.description() !== '' && takesAction(command) ? [path] : []
  return [...own, ...command.commands.flatMap((sub) => pathsOf(sub, [...path, sub.name()]))]
}
function takesAction(command: Command): boolean {
  return (command as unknown as { _actionHandler: unknown })._actionHandler !== null
}
const paths = pathsOf(program).map((path) => path.join(' '))

test.each(paths)(
  '%s has a help that says what it does, with an example of itself',
  async (path) => {
    const { exitCode, stdout } = await shell.run(`${path} --help`)
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`Usage: lockstep ${path}`)
    expect(stdout).toMatch(new RegExp(`Example:\n  \\$ .*lockstep ${path}`))
    expect(shell.createLockstep).not.toHaveBeenCalled()
  },
)

test('docs/guides/command-line.md has the document of each command, and of no other', () => {
  const text = readFileSync(`${projectRoot}docs/guides/command-line.md`, 'utf8')
  const [, block = ''] = /interface Documents \{\n([\s\S]*?)\n\}/.exec(text) ?? []
  const listed = [...block.matchAll(/^ {2}'?([a-z ]+?)'?: /gm)].map(([, name = '']) => name)
  expect(listed.toSorted()).toEqual(paths.toSorted())
})

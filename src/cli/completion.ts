import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const

/** Every command by its words, with its options and what may stand in its first argument. */
interface Words {
  readonly path: string
  readonly about: string
  readonly words: readonly string[]
}

/** What a shell reads to complete a command line; it is made from the program, so it has every command. */
export function completionScript(program: Command, shell: (typeof shells)[number]): string {
  const known = wordsOf(program)
  if (shell === 'fish') return fish(known)
  const cases = known
    .map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`)
    .join('\n')
  const script = `_lockstep() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) case " ${paths(known)} " in *" \${path:+$path/}$word "*) path="\${path:+$path/}$word" ;; esac ;;
    esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _lockstep lockstep
`
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script
}

function paths(known: readonly Words[]): string {
  return known
    .map(({ path }) => path)
    .filter((path) => path !== '')
    .join(' ')
}

function wordsOf(command: Command, path = ''): Words[] {
  const commands = command.commands.filter((one) => one.name() !== 'help')
  const options = command.options.map(({ long }) => long ?? '').filter((long) => long !== '')
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices)
  const inherited = path === '' ? [] : ['--config', '--json', '--quiet', '--help']
  const words = [...commands.map((one) => one.name()), ...choices, ...options, ...inherited]
  const inner = commands.flatMap((one) =>
    wordsOf(one, path === '' ? one.name() : `${path}/${one.name()}`),
  )
  return [{ path, about: command.description(), words: [...new Set(words)] }, ...inner]
}

function fish(known: readonly Words[]): string {
  return known
    .flatMap(({ path, words }) => {
      const names = path.split('/').filter((name) => name !== '')
      const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')
      const condition = quote(seen === '' ? '__fish_use_subcommand' : seen)
      return words.map((word) =>
        word.startsWith('--')
          ? `complete -c lockstep -n ${condition} -l ${word.slice(2)}`
          : `complete -c lockstep -n ${condition} -a ${quote(word)}`,
      )
    })
    .map((line) => `${line}\n`)
    .join('')
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}

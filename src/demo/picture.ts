import type { ScreenState } from './screen.ts'

interface Terminal {
  columns: number
  rows: number
  colour: boolean
}

/** Text in pieces, as a piece that is cut off must not take its colour's end with it. */
type Line = readonly { text: string; style: Style }[]
type Style = 'plain' | 'bold' | 'dim' | 'green' | 'cyan' | 'red'

/** https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters */
const codes: Readonly<Record<Style, string>> = {
  plain: '0',
  bold: '1',
  dim: '2',
  green: '32',
  cyan: '1;36',
  red: '1;31',
}

const noteColumn = 24
const barWidth = 12

/** Pure: the lines of the live picture, none wider than the terminal, not more than fit on it. */
export function picture(state: ScreenState, terminal: Terminal): string[] {
  const figures = figureLines(state)
  const room = Math.max(1, terminal.rows - figures.length - 4)
  const from = Math.max(0, Math.min(state.at - Math.floor(room / 2), state.steps.length - room))
  const steps = state.steps.map((_, index) => stepLine(state, index)).slice(from, from + room)
  return [headLine(state, terminal.columns), [], ...steps, [], ...figures].map((line) =>
    paint(line, terminal),
  )
}

function headLine({ title, elapsedMs }: ScreenState, columns: number): Line {
  const time = seconds(elapsedMs)
  const gap = Math.max(2, columns - title.length - time.length - 3)
  return [
    { text: ` ${title}`, style: 'bold' },
    { text: `${' '.repeat(gap)}${time}`, style: 'dim' },
  ]
}

function stepLine({ steps, at }: ScreenState, index: number): Line {
  const { name, note } = steps[index] ?? { name: '', note: '' }
  const text = ` ${name}`.padEnd(noteColumn)
  if (index < at) {
    return [
      { text: '  ✓', style: 'green' },
      { text, style: 'plain' },
      { text: note, style: 'dim' },
    ]
  }
  if (index > at) return [{ text: `   ${text}`, style: 'dim' }]
  return [
    { text: '  ›', style: 'cyan' },
    { text, style: 'bold' },
    { text: note, style: 'plain' },
  ]
}

function figureLines(state: ScreenState): Line[] {
  const { primary, stage, errors } = state
  return [
    figure('writes', `${rate(state.writesPerSecond)}  to ${primary}`),
    figure('reads', rate(state.readsPerSecond)),
    figure('served', shares(state)),
    figure('lag', lagText(state)),
    figure('stage', stage),
    figure('errors', String(errors), errors === 0 ? 'plain' : 'red'),
  ]
}

function figure(name: string, text: string, style: Style = 'plain'): Line {
  return [
    { text: ` ${name.padEnd(8)}`, style: 'dim' },
    { text, style },
  ]
}

function shares({ postgresReadPercent: percent }: ScreenState): string {
  if (percent === null) return '-'
  const filled = Math.round((percent / 100) * barWidth)
  const bar = `${'░'.repeat(barWidth - filled)}${'█'.repeat(filled)}`
  const postgres = Math.round(percent)
  return `sqlite ${100 - postgres} % ${bar} ${postgres} % postgres`
}

function paint(line: Line, { columns, colour }: Terminal): string {
  let left = columns - 1
  const whole = line.reduce((sum, { text }) => sum + text.length, 0)
  return line
    .map(({ text, style }) => {
      const cut =
        whole < columns || text.length < left ? text : `${text.slice(0, Math.max(0, left - 1))}…`
      const shown = left <= 0 ? '' : cut
      left -= shown.length
      return colour && shown !== '' && style !== 'plain'
        ? `\u001B[${codes[style]}m${shown}\u001B[0m`
        : shown
    })
    .join('')
}

/** One line for an output that is no terminal. */
export function plainLine(state: ScreenState): string {
  const { name, note } = state.steps[state.at] ?? { name: 'done', note: '' }
  const percent = state.postgresReadPercent
  return [
    `${seconds(state.elapsedMs).padStart(7)}  ${(note === '' ? name : `${name}: ${note}`).padEnd(28)}`,
    `primary ${state.primary}`,
    `${Math.round(state.writesPerSecond)} writes/s`,
    `${Math.round(state.readsPerSecond)} reads/s`,
    `lag ${lagText(state)}`,
    `reads on postgres ${percent === null ? '-' : `${Math.round(percent)} %`}`,
    `errors ${state.errors}`,
  ].join('  ')
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString('en-US')}/s`.padEnd(7)
}

function lagText({ lag }: ScreenState): string {
  return lag === null ? '-' : `${Math.round(lag.ms)} ms, ${lag.entries} rows`
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

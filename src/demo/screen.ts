/** What the demo shows while it runs. */
export interface ScreenState {
  title: string
  /** The steps of the journey in order, with the one under way. */
  steps: readonly string[]
  step: string
  /** What goes on inside of the step, or empty. */
  activity: string
  stage: string
  primary: string
  writesPerSecond: number
  readsPerSecond: number
  lag: { entries: number; ms: number } | null
  /** Percent of the reads of the last moments that PostgreSQL served. */
  postgresReadPercent: number | null
  errors: number
  flips: readonly { to: string; pauseMs: number }[]
  elapsedMs: number
}

export interface Screen {
  show(state: ScreenState): void
  /** A line that stays. */
  say(line: string): void
  /** Gives the terminal back as it was. */
  end(): void
}

type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }

const plainEveryMs = 2_000

/** One live picture on a terminal; plain lines elsewhere. Colour only on a terminal without NO_COLOR. */
export function createScreen(
  output: NodeJS.WritableStream,
  env: NodeJS.ProcessEnv = process.env,
): Screen {
  const terminal: Output = output
  if (terminal.isTTY !== true || env['TERM'] === 'dumb') return plainScreen(output)
  return liveScreen(terminal, (env['NO_COLOR'] ?? '') === '')
}

/** Nothing at all: for a caller who wants the verdict only. */
export function silentScreen(): Screen {
  return { show: () => {}, say: () => {}, end: () => {} }
}

function plainScreen(output: NodeJS.WritableStream): Screen {
  let step = ''
  let shownMs = Number.NEGATIVE_INFINITY
  return {
    show: (state) => {
      if (state.step === step && state.elapsedMs - shownMs < plainEveryMs) return
      step = state.step
      shownMs = state.elapsedMs
      output.write(`${plainLine(state)}\n`)
    },
    say: (line) => {
      output.write(`${line}\n`)
    },
    end: () => {},
  }
}

function plainLine(state: ScreenState): string {
  const { step, activity, writesPerSecond, readsPerSecond, errors } = state
  return [
    `${seconds(state.elapsedMs).padStart(7)}  ${(activity === '' ? step : `${step}: ${activity}`).padEnd(28)}`,
    `primary ${state.primary}`,
    `${Math.round(writesPerSecond)} writes/s`,
    `${Math.round(readsPerSecond)} reads/s`,
    `lag ${lagText(state)}`,
    `reads on postgres ${percentText(state)}`,
    `errors ${errors}`,
  ].join('  ')
}

function liveScreen(output: Output, colour: boolean): Screen {
  let drawn = 0
  const hideCursor = '\u001B[?25l'
  const showCursor = '\u001B[?25h'
  // The cursor comes back even where the process ends in the middle.
  const restore = (): void => {
    output.write(showCursor)
  }
  process.once('exit', restore)
  output.write(hideCursor)

  const draw = (lines: readonly string[]): void => {
    // One write a picture, each line cleared behind its text: nothing is ever blank in between.
    const up = drawn === 0 ? '' : `\u001B[${drawn}A`
    output.write(`${up}\r${lines.map((line) => `${line}\u001B[K\n`).join('')}\u001B[J`)
    drawn = lines.length
  }
  let last: readonly string[] = []

  return {
    show: (state) => {
      last = picture(state, { columns: output.columns ?? 80, rows: output.rows ?? 24, colour })
      draw(last)
    },
    say: (line) => {
      draw([line])
      drawn = 0
      if (last.length > 0) draw(last)
    },
    end: () => {
      process.off('exit', restore)
      restore()
    },
  }
}

/** Pure: the lines of the live picture, none wider than the terminal, not more than fit on it. */
export function picture(
  state: ScreenState,
  terminal: { columns: number; rows: number; colour: boolean },
): string[] {
  const at = state.steps.indexOf(state.step)
  const steps = state.steps.map((step, index) => {
    const mark = index < at ? 'x' : index === at ? '>' : ' '
    const activity = index === at && state.activity !== '' ? `  ${state.activity}` : ''
    return {
      text: ` ${mark} ${step}${activity}`,
      style: index === at ? bold : index < at ? dim : plain,
    }
  })
  const figures = [
    ['stage', `${state.stage}, primary ${state.primary}`],
    [
      'traffic',
      `${Math.round(state.writesPerSecond)} writes/s, ${Math.round(state.readsPerSecond)} reads/s`,
    ],
    ['lag', lagText(state)],
    ['reads', readsText(state)],
    ['flips', flipsText(state)],
    ['errors', String(state.errors)],
  ].map(([name, text]) => ({ text: ` ${name?.padEnd(8)} ${text}`, style: plain }))
  const head = { text: ` ${state.title}  ${seconds(state.elapsedMs)}`, style: bold }
  const room = Math.max(1, terminal.rows - figures.length - 4)
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), steps.length - room))
  const blank = { text: '', style: plain }
  return [head, blank, ...steps.slice(from, from + room), blank, ...figures].map(
    ({ text, style }) => {
      const cut =
        text.length < terminal.columns
          ? text
          : `${text.slice(0, Math.max(0, terminal.columns - 2))}…`
      return terminal.colour ? style(cut) : cut
    },
  )
}

const plain = (text: string): string => text
const bold = (text: string): string => `\u001B[1m${text}\u001B[0m`
const dim = (text: string): string => `\u001B[2m${text}\u001B[0m`

function lagText({ lag }: ScreenState): string {
  return lag === null ? '-' : `${lag.entries} rows, ${Math.round(lag.ms)} ms`
}

function percentText({ postgresReadPercent }: ScreenState): string {
  return postgresReadPercent === null ? '-' : `${Math.round(postgresReadPercent)} %`
}

function readsText(state: ScreenState): string {
  if (state.postgresReadPercent === null) return '-'
  const width = 20
  const filled = Math.round((state.postgresReadPercent / 100) * width)
  return `sqlite ${100 - Math.round(state.postgresReadPercent)} % [${'.'.repeat(width - filled)}${'#'.repeat(filled)}] postgres ${percentText(state)}`
}

function flipsText({ flips }: ScreenState): string {
  if (flips.length === 0) return '-'
  return flips.map(({ to, pauseMs }) => `${to} ${Math.round(pauseMs)} ms`).join(', ')
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

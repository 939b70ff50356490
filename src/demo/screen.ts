import { picture, plainLine } from './picture.ts'

/** What the demo shows while it runs. */
export interface ScreenState {
  title: string
  /** The steps of the journey in order, each with what is to be said of it: what it does, or how it went. */
  steps: readonly { name: string; note: string }[]
  /** The position of the step under way; the number of steps when all are done. */
  at: number
  stage: string
  primary: string
  writesPerSecond: number
  readsPerSecond: number
  lag: { entries: number; ms: number } | null
  /** Percent of the reads of the last moments that PostgreSQL served. */
  postgresReadPercent: number | null
  errors: number
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
  return isLive(output, env) ? liveScreen(output, hasColour(output, env)) : plainScreen(output)
}

function isLive(output: Output, env: NodeJS.ProcessEnv): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

/** https://no-color.org */
export function hasColour(
  output: NodeJS.WritableStream,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return isLive(output, env) && (env['NO_COLOR'] ?? '') === ''
}

/** Nothing at all: for a caller who wants the verdict only. */
export function silentScreen(): Screen {
  return { show: () => {}, say: () => {}, end: () => {} }
}

function plainScreen(output: NodeJS.WritableStream): Screen {
  let at = -1
  let shownMs = Number.NEGATIVE_INFINITY
  return {
    show: (state) => {
      if (state.at === at && state.elapsedMs - shownMs < plainEveryMs) return
      at = state.at
      shownMs = state.elapsedMs
      output.write(`${plainLine(state)}\n`)
    },
    say: (line) => {
      output.write(`${line}\n`)
    },
    end: () => {},
  }
}

function liveScreen(output: Output, colour: boolean): Screen {
  let drawn = 0
  let last: ScreenState | null = null
  const hideCursor = '\u001B[?25l'
  const showCursor = '\u001B[?25h'
  // The cursor comes back even where the process ends in the middle.
  const restore = (): void => {
    output.write(showCursor)
  }
  process.once('exit', restore)
  output.write(hideCursor)

  const lines = (): string[] =>
    last === null
      ? []
      : picture(last, { columns: output.columns ?? 80, rows: output.rows ?? 24, colour })
  const draw = (above: readonly string[] = []): void => {
    // One write a picture, each line cleared behind its text: nothing is ever blank in between.
    const up = drawn === 0 ? '' : `\u001B[${drawn}A`
    const now = lines()
    const text = [...above, ...now].map((line) => `${line}\u001B[K\n`).join('')
    output.write(`${up}\r${text}\u001B[J`)
    drawn = now.length
  }
  const onResize = (): void => {
    // The terminal has broken the old lines anew, so that nobody knows how many there are.
    output.write('\u001B[2J\u001B[H')
    drawn = 0
    draw()
  }
  output.on('resize', onResize)

  return {
    show: (state) => {
      last = state
      draw()
    },
    say: (line) => draw([line]),
    end: () => {
      output.off('resize', onResize)
      process.off('exit', restore)
      restore()
    },
  }
}

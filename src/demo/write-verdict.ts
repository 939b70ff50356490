import type { DemoVerdict } from './verdict.ts'

/** The end of a demo, for a reader or, as JSON, for a program. */
export function writeVerdict(
  verdict: DemoVerdict,
  output: NodeJS.WritableStream,
  json: boolean,
): void {
  if (json) {
    output.write(`${JSON.stringify(verdict, null, 2)}\n`)
    return
  }
  const lines = verdict.claims.map(
    ({ claim, holds, detail }) =>
      `  ${holds ? 'yes' : 'NO '}  ${claim}${detail === '' ? '' : `: ${detail}`}`,
  )
  const { setAside } = verdict.figures
  const aside =
    setAside === 0 ? [] : [`  ${setAside} rows had been set aside on the copy beforehand`]
  const head = verdict.ok ? 'Everything held.' : 'It did not hold.'
  output.write(['', ...lines, ...aside, '', head, ''].join('\n'))
}

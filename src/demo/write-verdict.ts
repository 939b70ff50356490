import { hasColour } from './screen.ts'
import { notChecked, stopped, type Claim, type DemoVerdict } from './verdict.ts'

const widest = 100

/** The end of a demo, for a reader or, as JSON, for a program. */
export function writeVerdict(
  verdict: DemoVerdict,
  output: NodeJS.WritableStream & { columns?: number },
  json: boolean,
): void {
  if (json) {
    output.write(`${JSON.stringify(verdict, null, 2)}\n`)
    return
  }
  if (verdict.figures.failure === stopped) {
    output.write('\n Stopped before the end, so nothing is proved. Nothing was left behind.\n')
    return
  }
  const paint = hasColour(output)
    ? (text: string, code: string): string => `\u001B[${code}m${text}\u001B[0m`
    : (text: string): string => text
  const width = Math.min(widest, output.columns ?? widest) - 1
  const { setAside, leftOut } = verdict.figures
  const unchecked = verdict.claims.filter(({ detail }) => detail === notChecked)
  const lines = [
    ...verdict.claims
      .filter((claim) => !unchecked.includes(claim))
      .flatMap((claim) => claimLines(claim, width, paint)),
    ...(unchecked.length === 0
      ? []
      : wrap(`and ${unchecked.length} claims that were not reached`, width, '       ')),
    ...leftOut.flatMap((line) => wrap(`left out: ${line}`, width, '       ')),
    ...(setAside === 0
      ? []
      : wrap(`${setAside} rows had been set aside on the copy beforehand`, width, '       ')),
  ]
  const head = verdict.ok ? paint('Everything held.', '1;32') : paint('It did not hold.', '1;31')
  output.write(['', ...lines, '', ` ${head}`, ''].join('\n'))
}

type Paint = (text: string, code: string) => string

function claimLines({ claim, holds, detail }: Claim, width: number, paint: Paint): string[] {
  const mark = holds ? paint('yes', '32') : paint('NO ', '1;31')
  const [first = '', ...more] = wrap(claim, width, '       ')
  return [
    `  ${mark}${first.slice(5)}`,
    ...more,
    ...wrap(detail, width, '       ').map((line) => paint(line, '2')),
  ]
}

/** Broken between words; a word that is wider than the line keeps to itself. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== indent && line.length + word.length > width) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${word} `
  }
  return line === indent ? lines : [...lines, line.trimEnd()]
}

import { linesOf } from './curve.js'
import { figureCells, machineText, numberText } from './print.js'

const heading = `# Figures of the benchmarks

Written by \`npm run bench -- --charts docs/benchmarks\`, which replaces those of the trials that it runs;
\`results.json\` has the same. [Benchmarks](../benchmarks.md) says how they are measured.
`

/**
 * Results as a Markdown document: a curve as its chart and a table of it, all other figures as one table.
 * @param {readonly import('./keep.js').Result[]} results
 */
export function reportText(results) {
  return [heading, ...results.map(resultText)].join('\n')
}

/** @param {import('./keep.js').Result} result */
function resultText({ name, compares, date, size, machine, curves, figures }) {
  const others = figures.filter(({ point, goal }) => point === undefined || goal !== null)
  const sections = [
    `## ${name}\n`,
    `${compares[0]?.toUpperCase()}${compares.slice(1)}.\n`,
    `${date.slice(0, 16).replace('T', ' ')} UTC, size ${size}. ${machineText(machine).trim().replace('\n', '. ')}.\n`,
    ...curves.map((curve) => curveText(curve, figures)),
  ]
  if (others.length > 0)
    sections.push(table(['figure', 'median', 'quartiles', 'goal'], others.map(figureCells)))
  return sections.join('\n')
}

/**
 * @param {import('./curve.js').Curve} curve
 * @param {readonly import('./figure.js').Figure[]} figures
 */
function curveText(curve, figures) {
  const lines = linesOf(curve, figures)
  const measured = lines[0]?.points.map(([x]) => x) ?? []
  const rows = measured.map((x) => [
    x.toLocaleString('en'),
    ...lines.map(({ points }) => numberText(points.find(([at]) => at === x)?.[1] ?? Number.NaN)),
  ])
  const what = `${curve.measures} (${curve.unit})`
  return [
    `![${curve.title}. Lines: ${lines.map(({ series }) => series).join('; ')}. The table has what they show.](${curve.name}.svg)\n`,
    table([`${curve.grows} \\ ${what}`, ...lines.map(({ series }) => series)], rows),
  ].join('\n')
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |\n`
  return [head, head.map(() => '---'), ...rows].map(line).join('')
}

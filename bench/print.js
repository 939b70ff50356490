/** @typedef {import('./figure.js').Figure} Figure */
/** @typedef {Awaited<ReturnType<typeof import('./machine.js').describeMachine>>} Machine */

/**
 * @param {Machine} machine
 * @returns {string}
 */
export function machineText(machine) {
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`)
  return [
    `${machine.cores} cores, ${machine.cpu}, ${machine.memoryGiB} GiB, load average ${machine.loadAverage}, ${machine.system}`,
    `Node ${machine.node}, SQLite ${machine.sqlite}, PostgreSQL ${machine.postgres} (fsync ${machine.fsync}, synchronous_commit ${machine.synchronousCommit}), ${packages.join(', ')}`,
    '',
  ].join('\n')
}

/**
 * One trial's figures as a table for people.
 * @param {import('./trial.js').Trial} trial
 * @param {readonly Figure[]} figures
 */
export function trialText(trial, figures) {
  const rows = figures.map(figureCells)
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `\n${trial.name}: ${trial.compares}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

/**
 * Its name, its median, its quartiles, and its goal.
 * @param {Figure} figure
 */
export function figureCells(figure) {
  const { name, unit, value, low, high, rounds, goal } = figure
  return [
    name,
    `${numberText(value)} ${unit}`,
    rounds === 1 ? '' : `${numberText(low)} to ${numberText(high)}`,
    goal === null ? '' : goalText(figure),
  ]
}

/** @param {Figure} figure */
function goalText({ goal, met }) {
  if (goal === null) return ''
  const bound = 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`
  return `${met === true ? 'meets' : 'MISSES'} ${bound}`
}

/** Three significant digits, and whole numbers above a hundred.
 * @param {number} value
 */
export function numberText(value) {
  if (!Number.isFinite(value)) return String(value)
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

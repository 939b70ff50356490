import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartOf } from './chart.js'
import { reportText } from './report.js'
import { trials } from './trials.js'

/**
 * What one run of a trial has shown, and where.
 * @typedef {object} Result
 * @property {string} name
 * @property {string} compares
 * @property {string} date of its beginning, in ISO 8601
 * @property {import('./trial.js').Size} size
 * @property {import('./print.js').Machine} machine
 * @property {readonly import('./curve.js').Curve[]} curves
 * @property {readonly import('./figure.js').Figure[]} figures
 */

/**
 * Keeps a result in a folder: in `results.json`, in `README.md`, and an SVG of each of its curves. What the folder has of
 * other trials stays.
 * @param {string} folder
 * @param {Result} result
 */
export function keepResult(folder, result) {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'results.json')
  /** @type {Result[]} */
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const results = trials.flatMap(({ name }) =>
    [result, ...before].filter((one) => one.name === name).slice(0, 1),
  )
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), reportText(results))
  for (const curve of result.curves)
    writeFileSync(join(folder, `${curve.name}.svg`), `${chartOf(curve, result.figures)}\n`)
}

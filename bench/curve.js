import { figure } from './figure.js'

/**
 * What a trial measures as one thing grows; a chart is drawn of it.
 * @typedef {object} Curve
 * @property {string} name that of the chart's file
 * @property {string} title
 * @property {string} grows what grows, as the axis below says it
 * @property {string} measures what each series shows, as the names of its figures say it
 * @property {string} unit of all its figures
 */

/**
 * The place of a figure on a curve.
 * @typedef {object} Point
 * @property {string} curve its name
 * @property {string} series
 * @property {number} x
 */

/**
 * A figure that is a point of a curve.
 * @param {Curve} curve
 * @param {string} series
 * @param {number} x
 * @param {readonly number[]} rounds
 * @param {import('./figure.js').Goal | null} [goal]
 * @returns {import('./figure.js').Figure}
 */
export function pointOf(curve, series, x, rounds, goal = null) {
  const name = `${series}, ${x.toLocaleString('en')} ${curve.grows}: ${curve.measures}`
  return { ...figure(name, curve.unit, rounds, goal), point: { curve: curve.name, series, x } }
}

/**
 * The lines of a curve, in the order in which the trial told them.
 * @param {Curve} curve
 * @param {readonly import('./figure.js').Figure[]} figures
 * @returns {{ series: string, points: [x: number, value: number][] }[]}
 */
export function linesOf(curve, figures) {
  /** @type {Map<string, [x: number, value: number][]>} */
  const lines = new Map()
  for (const { point, value } of figures) {
    if (point?.curve !== curve.name) continue
    lines.set(point.series, [...(lines.get(point.series) ?? []), [point.x, value]])
  }
  return [...lines].map(([series, points]) => ({ series, points }))
}

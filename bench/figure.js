import { median, percentile } from './statistics.js'

/**
 * What a figure must be. `atLeast` and `atMost` are in the figure's unit.
 * @typedef {{ atLeast: number } | { atMost: number }} Goal
 */

/**
 * One measured figure: the median of the rounds, and their quartiles as the spread, as single rounds on a
 * shared machine are anything.
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} unit
 * @property {number} value
 * @property {number} low a quarter of the rounds is below
 * @property {number} high a quarter of the rounds is above
 * @property {number} rounds
 * @property {Goal | null} goal
 * @property {boolean | null} met null where there is no goal
 * @property {import('./curve.js').Point} [point] where it lies, if it is one of a curve
 */

/**
 * @param {string} name
 * @param {string} unit
 * @param {readonly number[]} rounds
 * @param {Goal | null} [goal]
 * @returns {Figure}
 */
export function figure(name, unit, rounds, goal = null) {
  const value = median(rounds)
  return {
    name,
    unit,
    value,
    low: percentile(rounds, 0.25),
    high: percentile(rounds, 0.75),
    rounds: rounds.length,
    goal,
    met: goal === null ? null : meets(value, goal),
  }
}

/**
 * @param {number} value
 * @param {Goal} goal
 */
function meets(value, goal) {
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost
}

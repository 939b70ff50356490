/**
 * `full` is what docs/benchmarks.md shows; `tiny` shows only that a trial runs and reports.
 * @typedef {'full' | 'tiny'} Size
 */

/**
 * @typedef {object} Trial
 * @property {string} name
 * @property {string} compares what is measured, against what
 * @property {readonly import('./curve.js').Curve[]} [curves] those that its figures are points of
 * @property {(workspace: import('./workspace.js').Workspace, size: Size) => Promise<import('./figure.js').Figure[]>} run
 */

/** The sizes, as the command line names them.
 * @type {readonly Size[]}
 */
export const allSizes = ['full', 'tiny']

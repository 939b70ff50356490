import { classOf } from '#built/sql/parameter-class.js'
import { createTranslations } from '#built/sql/translations.js'
import { figure } from '../figure.js'
import { leastRatio, openTraced } from '../server-times.js'
import { datesAndFormats, tracedStatements } from '../traced-statements.js'

const sizes = {
  full: { rounds: 31, hits: 100_000, rows: 4000, server: { rounds: 400, budgetMs: 2000 } },
  tiny: { rounds: 1, hits: 100, rows: 60, server: { rounds: 1, budgetMs: 0 } },
}

const kinds = Object.entries(tracedStatements)
const statements = kinds
  .flatMap(([, list]) => list)
  .map(([sql, , ...params]) => ({ sql, params, classes: params.map(classOf) }))

/** @type {import('../trial.js').Trial} */
export const translate = {
  name: 'translate',
  compares:
    'what a translation costs, found and made anew, and what the server takes for the translated statement against one written by hand for PostgreSQL; but for the first, quartiles are over the statements, and of each its least round counts',
  async run(workspace, size) {
    const { rounds, hits, rows, server } = sizes[size]
    const traced = await openTraced(workspace, rows)
    const { translator } = traced
    const found = createTranslations(translator, (translation) => translation)
    const hit = Array.from({ length: rounds }, () =>
      perCall(hits, (index) => found.of(...callOf(index))),
    )
    const cold = statements.map(({ sql, classes }) =>
      least(rounds * 20, () => translator.translate(sql, classes)),
    )
    /** @param {readonly import('../traced-statements.js').TracedStatement[]} list */
    const ratiosOf = async (list) => {
      const ratios = []
      for (const statement of list) ratios.push(await leastRatio(traced, statement, server))
      return ratios
    }
    const byKind = new Map()
    for (const [kind, list] of kinds) byKind.set(kind, await ratiosOf(list))
    const ratios = [...byKind.values()].flat()
    return [
      figure('cache hit', 'µs', hit, { atMost: 0.5 }),
      figure('parse and translate', 'µs', cold, { atMost: 50 }),
      figure('on the server against the form by hand', 'x', ratios, { atMost: 1.1 }),
      ...Array.from(byKind, ([kind, own]) => figure(`of these, ${kind}`, 'x', own)),
      figure('the slowest of these', 'x', [Math.max(...ratios)]),
      figure('dates and formats', 'x', await ratiosOf(datesAndFormats)),
    ]
  },
}

/**
 * @param {number} index
 * @returns {[sql: string, params: readonly unknown[]]}
 */
function callOf(index) {
  const { sql, params } = /** @type {typeof statements[number]} */ (
    statements[index % statements.length]
  )
  return [sql, params]
}

/**
 * @param {number} count
 * @param {(index: number) => unknown} work
 */
function perCall(count, work) {
  const begun = performance.now()
  for (let index = 0; index < count; index++) work(index)
  return ((performance.now() - begun) * 1000) / count
}

/**
 * The least of many calls, in microseconds.
 * @param {number} count
 * @param {() => unknown} work
 */
function least(count, work) {
  let us = Infinity
  for (let call = 0; call < count; call++) us = Math.min(us, perCall(1, work))
  return us
}

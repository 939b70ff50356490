import { createChart, createRates } from './charts.js'
import { byId, cell } from './dom.js'
import { session } from './session.js'

const stages = ['off', 'mirror', 'shadow', 'ramp', 'flipped', 'complete']

export let charts
export const rates = createRates()

export function showStatus(next) {
  if (next.error) {
    byId('now').textContent = next.error.message
    return
  }
  const isFirst = session.status === undefined
  session.status = next
  const { lag, postgres, counters, applier } = next
  byId('now').textContent = `${next.primary} is the primary, epoch ${next.epoch}, ${next.state}`
  byId('stages').replaceChildren(
    ...stages.map((stage) => {
      const item = cell('li', stage)
      if (stage === next.stage) item.setAttribute('aria-current', 'step')
      return item
    }),
  )
  const figures = [
    ['Primary', next.primary],
    ['Epoch', next.epoch],
    [
      'PostgreSQL',
      postgres.reachable ? 'answers' : `does not answer: ${postgres.reason}`,
      !postgres.reachable,
    ],
    ['Lag', `${lag.entries} entries, ${Math.round(lag.ms)} ms`],
    ['Quarantine', `${next.quarantine} rows`, next.quarantine > 0],
    ['Divergences', next.divergences, next.divergences > 0],
    ['Divergent writes', next.divergentWrites, next.divergentWrites > 0],
    ['Applier', applier.reason ?? applier.state],
    ['Breaker', next.breaker, next.breaker === 'open'],
    ['Reads by flag', `${next.flags.reads.postgres} % PostgreSQL`],
    ['Fallbacks', counters.fallbacks],
    ['Degraded writes', counters.degraded],
    [
      'Flags',
      next.flagsRefused ?? next.flagsUnmet ?? 'in force',
      Boolean(next.flagsRefused ?? next.flagsUnmet),
    ],
  ]
  byId('figures').replaceChildren(
    ...figures.map(([name, value, isBad]) => {
      const group = document.createElement('div')
      group.append(cell('dt', name), cell('dd', value, isBad ? 'bad' : ''))
      return group
    }),
  )
  if (isFirst) {
    byId('reads').value = next.flags.reads.postgres
    byId('shadow').value = next.flags.shadow.sample
  }
  byId('flip').disabled = next.primary === 'postgres'
  byId('rollback').disabled = next.primary === 'sqlite'
  draw(next)
}

function draw({ counters, lag }) {
  charts ??= {
    traffic: createChart(byId('traffic'), ['writes', 'SQLite reads', 'PostgreSQL reads']),
    lag: createChart(byId('lag'), ['entries']),
    latency: createChart(byId('latency'), ['SQLite', 'PostgreSQL']),
  }
  const atMs = Date.now()
  charts.traffic.add(atMs / 1000, [
    rates('writes', counters.writes, atMs),
    rates('sqlite', counters.reads.sqlite, atMs),
    rates('postgres', counters.reads.postgres, atMs),
  ])
  charts.lag.add(atMs / 1000, [lag.entries])
}

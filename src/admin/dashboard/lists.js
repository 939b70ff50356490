import { byId, cell, rows, say, time } from './dom.js'
import { session } from './session.js'
import { charts, rates } from './status.js'

/** Sum and count of the timing of each place, from the metrics. */
async function drawLatency() {
  const text = await session.client.text('metrics')
  const total = (system, end) =>
    [
      ...text.matchAll(
        new RegExp(
          `^db_client_operation_duration_seconds_${end}\\{db_system_name="${system}".*\\} (\\S+)$`,
          'gm',
        ),
      ),
    ].reduce((sum, [, value]) => sum + Number(value), 0)
  const atMs = Date.now()
  const mean = (system) => {
    const seconds = rates(`${system} sum`, total(system, 'sum'), atMs)
    const count = rates(`${system} count`, total(system, 'count'), atMs)
    return seconds === null || !count ? null : (1000 * seconds) / count
  }
  charts?.latency.add(atMs / 1000, [mean('sqlite'), mean('postgresql')])
}

/** A list that cannot be had says why, and the others are shown. */
function part(path, show) {
  return session.client
    .get(path)
    .then(show)
    .catch((error) => say(error.message, true))
}

export async function showLists() {
  await Promise.all([
    part('v1/ready', ({ gates }) =>
      rows(
        'gates',
        gates.map(({ name, ok, value, bound, detail }) => [
          name,
          cell('td', ok ? 'yes' : 'no', ok ? 'good' : 'bad'),
          value,
          bound,
          detail,
        ]),
        'No gates',
      ),
    ),
    part('v1/statements', showStatements),
    part('v1/divergences', ({ divergences }) =>
      rows(
        'divergences',
        divergences.map((one) => [time(one.atMs), one.table, one.class]),
        'None',
      ),
    ),
    part('v1/quarantine', (found) =>
      rows(
        'quarantine',
        found.rows.map((one) => [time(one.atMs), one.table, one.column, one.reason]),
        'Empty',
      ),
    ),
    part('v1/audit?limit=20', ({ entries }) =>
      rows(
        'audit',
        entries.map((one) => [time(one.atMs), one.action, JSON.stringify(one.detail)]),
        'Nothing yet',
      ),
    ),
    drawLatency().catch(() => undefined),
  ])
}

let sorting = { column: 0, down: true }
let shown = { statements: [], shadow: {} }
/** Sortable by each column; what a statement has is up to the library. */
function showStatements(answer = shown) {
  shown = answer
  const { statements, shadow } = answer
  const list = statements.length > 0 ? statements : [shadow]
  const names = Object.keys(list[0] ?? {})
  const value = (row) => row[names[sorting.column]]
  const sorted = list.toSorted(
    (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (sorting.down ? -1 : 1),
  )
  showHeads(byId('statements').tHead.rows[0], names)
  rows(
    'statements',
    sorted.map((row) => names.map((name) => row[name])),
    'None',
  )
}

/** Made once for the columns: a button that was pressed keeps the keyboard. */
function showHeads(row, names) {
  const known = Array.from(row.cells, (head) => head.textContent)
  if (known.join('\n') !== names.join('\n')) row.replaceChildren(...names.map(headOf))
  for (const [column, head] of Array.from(row.cells).entries()) {
    if (column !== sorting.column) head.removeAttribute('aria-sort')
    else head.setAttribute('aria-sort', sorting.down ? 'descending' : 'ascending')
  }
}

function headOf(name, column) {
  const head = document.createElement('th')
  head.scope = 'col'
  const button = cell('button', name)
  button.type = 'button'
  button.addEventListener('click', () => {
    sorting = { column, down: column === sorting.column ? !sorting.down : true }
    showStatements()
  })
  head.append(button)
  return head
}

import { byId, say } from './dom.js'
import { showLists } from './lists.js'
import { session } from './session.js'

/** Resolves with who asks and why, or null where the answer is no. */
function confirmed(title, consequence) {
  const dialog = byId('confirm')
  byId('confirm-title').textContent = title
  byId('confirm-text').textContent = consequence
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const [actor, reason] = [byId('actor').value.trim(), byId('reason').value.trim()]
        const given = { ...(actor && { actor }), ...(reason && { reason }) }
        resolve(dialog.returnValue === 'yes' ? given : null)
      },
      { once: true },
    )
  })
}

async function act(title, consequence, work) {
  const by = await confirmed(title, consequence)
  if (by === null) return say('Nothing was done')
  say(`${title}: under way`)
  try {
    say(await work(by))
  } catch (error) {
    say(error.message, true)
  }
  await showLists()
}

const moved = ({ from, to, pauseMs, drained }) =>
  from === to
    ? `${to} is the primary already; nothing was moved`
    : `The primary moved from ${from} to ${to}; writes waited ${Math.round(pauseMs)} ms while ${drained} entries were shipped`

/** The buttons: each states its consequence first. */
export function addMoves() {
  byId('flip').addEventListener('click', () => {
    void act(
      'Flip to PostgreSQL',
      'Writes wait for up to the pause budget, then run on PostgreSQL; SQLite follows. Refused unless every gate holds.',
      async (by) =>
        moved(
          await session.client.change('POST', 'v1/flip', {
            to: 'postgres',
            epoch: session.status.epoch,
            ...by,
          }),
        ),
    )
  })
  byId('rollback').addEventListener('click', () => {
    void act(
      'Roll back to SQLite',
      'Writes wait for up to the pause budget, then run on SQLite again; PostgreSQL follows. Nothing is lost.',
      async (by) =>
        moved(
          await session.client.change('POST', 'v1/rollback', {
            epoch: session.status.epoch,
            ...by,
          }),
        ),
    )
  })
  byId('verify').addEventListener('click', () => {
    void act(
      'Verify',
      'Every row of both places is compared while writes go on. It reads all tables, which the disks will notice.',
      async (by) => {
        byId('verify-progress').hidden = false
        try {
          const { equal, tables, problems } = await session.client.change('POST', 'v1/verify', by)
          const count = tables.reduce((sum, { rows }) => sum + rows, 0)
          return equal && problems.length === 0
            ? `Both places are equal: ${count} rows in ${tables.length} tables`
            : `The places differ: ${
                tables
                  .filter((one) => !one.equal)
                  .map(({ table }) => table)
                  .join(', ') || problems[0].message
              }`
        } finally {
          byId('verify-progress').hidden = true
        }
      },
    )
  })
}

/** The forms: the same. */
export function addForms() {
  byId('flags-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const [reads, sample] = [Number(byId('reads').value), Number(byId('shadow').value)]
    void act(
      'Set percentages',
      `PostgreSQL serves ${reads} % of reads, and ${sample} % of reads run on both places and are compared. Running applications follow within a second.`,
      async (by) => {
        const flags = await session.client.change('PATCH', 'v1/flags', {
          reads: { postgres: reads },
          shadow: { sample },
          ...by,
        })
        return `In force: ${flags.reads.postgres} % of reads from PostgreSQL, ${flags.shadow.sample} % compared`
      },
    )
  })
  byId('repair-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const table = byId('repair-table').value
    const keys = byId('repair-keys')
      .value.split(',')
      .map((key) => key.trim())
      .filter(Boolean)
      .map((key) => (/^-?\d+$/.test(key) && Number.isSafeInteger(Number(key)) ? Number(key) : key))
    void act(
      'Repair',
      `The primary's ${keys.length || 'all'} rows of ${table} take the place of those of the secondary.`,
      async (by) => {
        const { rows: count, unknown } = await session.client.change('POST', 'v1/repair', {
          table,
          ...(keys.length > 0 && { keys }),
          ...by,
        })
        return `${count} rows were shipped again${unknown > 0 ? `; ${unknown} keys have no row` : ''}`
      },
    )
  })
}

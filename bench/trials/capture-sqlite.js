import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { openFile } from '../workspace.js'

const sizes = {
  full: { rounds: 61, changes: 300 },
  tiny: { rounds: 1, changes: 50 },
}
const schema = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, size INTEGER);
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, handle TEXT NOT NULL UNIQUE, age INTEGER);
`

/** @type {import('../trial.js').Trial} */
export const captureSqlite = {
  name: 'capture-sqlite',
  compares:
    'single small autocommitted changes (WAL, synchronous = NORMAL) on a file with the capture triggers, against the same file without',
  async run(workspace, size) {
    const { rounds, changes } = sizes[size]
    const bare = openFile(workspace.createFile((db) => void db.exec(schema)))
    const path = workspace.createFile((db) => void db.exec(schema))
    // The triggers alone are measured, so nothing ships what they write down.
    await (await workspace.mirror(path, await workspace.createDatabase())).close()
    const captured = openFile(path)
    workspace.defer(() => (bare.close(), captured.close()))
    const contenders = { bare: operations(bare, changes), captured: operations(captured, changes) }
    const figures = []
    for (const name of names) {
      const results = await interleave(rounds + 1, {
        bare: (round) => contenders.bare[name](round),
        captured: (round) => contenders.captured[name](round),
      })
      const measured = results.slice(1)
      const added = (/** @type {'wallUs' | 'cpuUs'} */ by) =>
        measured.map(({ bare, captured }) => (captured[by] / bare[by] - 1) * 100)
      figures.push(
        figure(`${labels[name]}: added`, '%', added('wallUs'), { atMost: 40 }),
        figure(`${labels[name]}: added CPU time`, '%', added('cpuUs'), { atMost: 40 }),
        figure(
          `${labels[name]}: bare`,
          'µs',
          measured.map(({ bare }) => bare.wallUs),
        ),
        figure(
          `${labels[name]}: captured`,
          'µs',
          measured.map(({ captured }) => captured.wallUs),
        ),
      )
    }
    return figures
  },
}

const names = /** @type {const} */ (['insert', 'update', 'delete', 'unique'])
const labels = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  unique: 'insert with two unique indexes',
}

/**
 * The time of one change in microseconds, and the CPU time of it, on which other processes have less influence.
 * @param {import('better-sqlite3').Database} db
 * @param {number} changes in one round
 * @returns {Record<(typeof names)[number], (round: number) => { wallUs: number, cpuUs: number }>}
 */
function operations(db, changes) {
  const insert = db.prepare('INSERT INTO notes (id, body, size) VALUES (?, ?, ?)')
  const update = db.prepare('UPDATE notes SET body = ?, size = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM notes WHERE id = ?')
  const unique = db.prepare('INSERT INTO accounts (id, email, handle, age) VALUES (?, ?, ?, ?)')
  const each = (/** @type {number} */ round, /** @type {(id: number) => unknown} */ work) => {
    const cpuBefore = process.cpuUsage()
    const begun = performance.now()
    for (let id = round * changes; id < (round + 1) * changes; id++) work(id)
    const wallMs = performance.now() - begun
    const cpu = process.cpuUsage(cpuBefore)
    return { wallUs: (wallMs * 1000) / changes, cpuUs: (cpu.user + cpu.system) / changes }
  }
  return {
    insert: (round) => each(round, (id) => insert.run(id, `note number ${id}`, id % 100)),
    update: (round) => each(round, (id) => update.run(`note ${id} again`, id % 90, id)),
    delete: (round) => each(round, (id) => remove.run(id)),
    unique: (round) =>
      each(round, (id) => unique.run(id, `user${id}@example.com`, `user${id}`, id % 90)),
  }
}

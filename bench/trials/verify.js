import { hasProgram, runProgram, timed } from '../command.js'
import { figure } from '../figure.js'
import { seedMixed } from '../mixed-rows.js'
import { interleave } from '../statistics.js'

const sizes = {
  full: { rounds: 3, rows: 1_000_000 },
  tiny: { rounds: 1, rows: 500 },
}

/** @type {import('../trial.js').Trial} */
export const verify = {
  name: 'verify',
  compares:
    'a verify of rows of mixed types, against writing both sides as CSV with sqlite3 and psql and comparing the files with cmp, which knows nothing of writes meanwhile',
  async run(workspace, size) {
    const { rounds, rows } = sizes[size]
    const path = workspace.createFile((db) => seedMixed(db, rows))
    const url = await workspace.createDatabase()
    // Without the setup of other trials, whose functions no thread could run.
    const db = await workspace.mirror(path, url, { sqlite: { path } })
    const isShellThere = ['sqlite3', 'psql', 'cmp'].map(hasProgram).every(Boolean)
    /** @param {boolean} thread */
    const verifying = (thread) =>
      timed(async () => {
        if (!(await db.verify({ thread })).equal) throw new Error('The copy is not equal')
      })
    /** @type {number[]} */
    const busy = []
    const results = await interleave(rounds, {
      lockstep: () => verifying(false),
      async thread() {
        const before = performance.eventLoopUtilization()
        const seconds = await verifying(true)
        busy.push(100 * performance.eventLoopUtilization(before).utilization)
        return seconds
      },
      shell: async () => (isShellThere ? timed(() => compareFiles(path, url)) : Number.NaN),
    })
    const perSecond = results.map(({ lockstep }) => rows / lockstep)
    return [
      ...(isShellThere
        ? [
            figure(
              'verify against the shell',
              'x',
              results.map(({ lockstep, shell }) => shell / lockstep),
              { atLeast: 1.5 },
            ),
            figure(
              'the shell',
              'rows/s',
              results.map(({ shell }) => rows / shell),
            ),
          ]
        : []),
      figure('verify', 'rows/s', perSecond, { atLeast: 300_000 }),
      figure(
        'with SQLite read in a thread, as within an application',
        'rows/s',
        results.map(({ thread }) => rows / thread),
      ),
      figure('its share of the application’s thread', '%', busy),
    ]
  },
}

/**
 * @param {string} path
 * @param {string} url
 */
async function compareFiles(path, url) {
  const [left, right] = [`${path}.left`, `${path}.right`]
  const blob = `'\\x' || lower(hex(avatar))`
  const columns = 'id, email, name, age, score, active, created_at, bio'
  await runProgram('sqlite3', [
    path,
    '.mode csv',
    `.output ${left}`,
    `SELECT ${columns}, ${blob} FROM people ORDER BY id`,
  ])
  const copy = `\\copy (SELECT ${columns}, avatar FROM people ORDER BY id) TO '${right}' (FORMAT csv)`
  await runProgram('psql', [url, '-qc', copy])
  // They write reals and line ends in ways of their own, so that cmp ends early, which is in the shell's favour.
  await runProgram('cmp', ['-s', left, right], [0, 1])
}

import { trials } from './trials.js'
import { openWorkspace } from './workspace.js'

// One trial in a process of its own, so that none inherits what another has left to the compiler and to
// the garbage collector: node bench/run-trial.js NAME SIZE, on the server of DATABASE_URL.
const [, , name, size = 'full'] = process.argv
const trial = trials.find((candidate) => candidate.name === name)
const url = process.env['DATABASE_URL']
if (trial === undefined || url === undefined || (size !== 'full' && size !== 'tiny'))
  throw new Error('Usage: DATABASE_URL=... node bench/run-trial.js NAME full|tiny')
const workspace = await openWorkspace(url)
try {
  const figures = await trial.run(workspace, size)
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} finally {
  await workspace.close()
}

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, describeRun } from './report.mjs'
import { suites } from './suites.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    checkout: { type: 'string' },
    places: { type: 'string' },
    files: { type: 'string', default: '' },
  },
})
const [name = ''] = positionals
const suite = suites[name]
if (suite === undefined || values.checkout === undefined) {
  process.stderr.write(
    `usage: node test/upstream/run.mjs ${Object.keys(suites).join('|')} --checkout FOLDER [--places PLACE,...] [--files PART]\n`,
  )
  process.exit(2)
}

// Below the project, so that the copy finds the project's own packages: the very ones that users have.
const work = join(root, '.upstream', name)
prepare(values.checkout)
const places = values.places?.split(',') ?? suite.places
const results = Object.fromEntries(places.map((place) => [place, run(place)]))
const report = compare(results, suite.exclusions)
process.stdout.write(describeRun(name, report))
process.exit(report.some(({ failed, stale }) => failed.length > 0 || stale.length > 0) ? 1 : 0)

/** Copies what is tested; the checkout itself is left as it is. */
function prepare(checkout) {
  for (const path of suite.copied) {
    rmSync(join(work, path), { recursive: true, force: true })
    cpSync(join(checkout, path), join(work, path), { recursive: true })
  }
  const { devDependencies = {}, dependencies = {} } = JSON.parse(
    readFileSync(join(checkout, suite.manifest), 'utf8'),
  )
  const asked = { ...dependencies, ...devDependencies }
  const tools = Object.fromEntries(suite.tools.map((tool) => [tool, asked[tool] ?? '*']))
  write('package.json', { private: true, dependencies: tools })
  write('tsconfig.json', { compilerOptions: { target: 'es2022' } })
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], {
    cwd: work,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('The packages that the tests import could not be installed')
}

function write(file, content) {
  mkdirSync(work, { recursive: true })
  writeFileSync(join(work, file), JSON.stringify(content))
}

/** Vitest's own report of one run. */
function run(place) {
  const output = join(work, `${place}.json`)
  rmSync(output, { force: true })
  const config = join(root, 'test/upstream/vitest.config.mjs')
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${output}`]
  if (values.files !== '') args.push(values.files)
  process.stderr.write(`${name} on ${place}\n`)
  spawnSync(process.execPath, args, {
    cwd: join(work, suite.folder),
    env: {
      ...process.env,
      ...suite.env,
      LOCKSTEP_UPSTREAM_SUITE: name,
      LOCKSTEP_UPSTREAM_WORK: work,
      LOCKSTEP_UPSTREAM_PLACE: place,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return JSON.parse(readFileSync(output, 'utf8'))
}

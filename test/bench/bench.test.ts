import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { built, projectRoot } from '../support/built.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { textsOf } from './svg.ts'

interface Figure {
  name: string
  unit: string
  value: number
  low: number
  high: number
  goal: object | null
  met: boolean | null
  point?: { curve: string; series: string; x: number }
}

interface Report {
  machine: Record<string, unknown>
  size: string
  trials: { name: string; curves: { name: string; title: string }[]; figures: Figure[] }[]
}

/** Figures that each trial must report, and how many of its figures have a goal. */
const expected = [
  { name: 'ack-both', figures: [/against PostgreSQL alone, 16/, /naive dual write, 64/], goals: 5 },
  {
    name: 'peers',
    figures: [/^write to both: .* against launchDarkly/, /^read, 5 % .* against tzientist/],
    goals: 8,
  },
  { name: 'get-by-key', figures: [/over the bare call/, /over the awaited bare call/], goals: 4 },
  { name: 'adapters', figures: [/^drizzle over/, /^knex over/], goals: 5 },
  {
    name: 'capture-sqlite',
    figures: [
      /^insert: added$/,
      /^update: added$/,
      /^delete: added$/,
      /two unique indexes: added$/,
    ],
    goals: 8,
  },
  {
    name: 'capture-postgres',
    figures: [
      /one client: added/,
      /16 clients: added/,
      /bulk insert: added/,
      /chosen key, 16 clients: added/,
    ],
    goals: 4,
  },
  {
    name: 'event-loop',
    figures: [/SQLite to PostgreSQL: added p99/, /PostgreSQL to SQLite: added p99/],
    goals: 2,
  },
  {
    name: 'flip-pause',
    figures: [/^p50, 200 writes/, /^pause to PostgreSQL: longest/, /^longest write: p50/],
    goals: 4,
  },
  // What other programs do is left out where they are not installed.
  {
    name: 'backfill',
    figures: [/^backfill$/, /^resident memory$/, /beside a backfill/],
    goals: [2, 3],
  },
  { name: 'verify', figures: [/^verify$/], goals: [1, 2] },
  {
    name: 'translate',
    figures: [/^cache hit$/, /^parse and/, /against the form by hand/],
    goals: 3,
  },
  { name: 'statement-registry', figures: [/^bookkeeping of one call$/], goals: 1 },
  { name: 'shadow', figures: [/^throughput/, /^p99/, /^reads a second/], goals: 2 },
  { name: 'hostile-requests', figures: [/^p99 of the application/, /^added CPU/], goals: 1 },
  {
    name: 'scale-writers',
    figures: [/^ack: both, 8 writers: pace$/, /^pg alone, 8 writers: p99$/],
    goals: 0,
  },
  {
    name: 'scale-tables',
    figures: [/^install, 5 tables: time$/, /^on PostgreSQL, 5 tables: pace$/],
    goals: 0,
  },
  {
    name: 'scale-width',
    figures: [/^after a flip, 1,000 bytes a row: pace$/, /^verify, 1,000 bytes a row: pace$/],
    goals: 0,
  },
  {
    name: 'backfill-rows',
    figures: [/^backfill, 1,000 rows: pace$/, /^backfill, 1,000 rows: resident memory$/],
    goals: 2,
  },
]

let database: TestDatabase
let folder: string
beforeAll(async () => {
  built('bundle/index.js')
  folder = mkdtempSync(join(tmpdir(), 'lockstep-charts-'))
  database = await createDatabase()
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await database.drop()
})

async function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return await promisify(execFile)(process.execPath, [`${projectRoot}bench/main.js`, ...args], {
    env: { ...process.env, DATABASE_URL: database.url },
  })
}

describe('a trial runs at a tiny size and reports every figure:', () => {
  test.each(expected)('$name', { timeout: 120_000 }, async ({ name, figures, goals }) => {
    const { stdout } = await bench('--only', name, '--size', 'tiny', '--json', '--charts', folder)
    const report = JSON.parse(stdout) as Report
    expect(Object.keys(report.machine)).toEqual(
      expect.arrayContaining(['cores', 'cpu', 'node', 'sqlite', 'postgres', 'packages']),
    )
    expect(report.trials.map((trial) => trial.name)).toEqual([name])
    const reported = report.trials[0]?.figures ?? []
    for (const figure of figures)
      expect(reported.map((one) => one.name)).toContainEqual(expect.stringMatching(figure))
    expect([goals].flat()).toContain(reported.filter(({ goal }) => goal !== null).length)
    const broken = reported.filter(
      ({ unit, value, low, high, met, goal }) =>
        unit === '' ||
        ![value, low, high].every((number) => Number.isFinite(number)) ||
        (met === null) !== (goal === null),
    )
    expect(broken).toEqual([])
  })
})

// Of what the trials above have kept.
describe('a folder of charts', () => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const kept = (): Report['trials'] => JSON.parse(read('results.json')) as Report['trials']

  test('keeps every trial, whichever ran later', () => {
    expect(kept().map(({ name }) => name)).toEqual(expected.map(({ name }) => name))
  })

  test('has a chart of each curve with its title and each of its lines', () => {
    const curves = kept().flatMap(({ curves, figures }) =>
      curves.map(({ name, title }) => ({
        name,
        texts: [
          title,
          ...figures.flatMap(({ point }) => (point?.curve === name ? [point.series] : [])),
        ],
      })),
    )
    expect(curves.length).toBeGreaterThanOrEqual(8)
    expect(readdirSync(folder).filter((file) => file.endsWith('.svg'))).toEqual(
      curves.map(({ name }) => `${name}.svg`).toSorted(),
    )
    for (const { name, texts } of curves) {
      expect(texts.length).toBeGreaterThan(2)
      expect(textsOf(read(`${name}.svg`))).toEqual(expect.arrayContaining(texts))
    }
  })

  test.each([
    ['<svg ><text>a & b</text></svg>', 'A bare &'],
    ['<svg ><text>a < b</text></svg>', 'A bare <'],
    ['<svg ><text>a</svg>', 'closes another element'],
    ['<svg ><text>a</text>', 'not closed'],
  ])('is looked through for what no browser shows: %s', (broken, says) => {
    expect(() => textsOf(broken)).toThrow(says)
  })

  test('says in words what the charts show', () => {
    const report = read('README.md')
    for (const { name, curves } of kept()) {
      expect(report).toContain(`## ${name}\n`)
      for (const { name, title } of curves)
        expect(report).toMatch(new RegExp(`!\\[${title}\\. .+\\]\\(${name}\\.svg\\)\\n\\n\\|`))
    }
  })
})

test('a profile names the sources in which a trial spent its time', async () => {
  const profiles = join(folder, 'profiles')
  const args = ['--only', 'statement-registry', '--size', 'tiny', '--profile', profiles]
  const { stderr } = await bench(...args)
  expect(stderr).toMatch(/of \d+\.\d s in which its threads ran:\n( +\d+\.\d %  .+\n){15}/)

  const path = `${projectRoot}bench/profile.js`
  const { profileText } = (await import(path)) as { profileText: (folder: string) => string }
  // V8 names bundles, and their maps the sources.
  const functionName = 'createRangeText'
  const chunks = readdirSync(built('bundle')).filter((name) => name.endsWith('.js'))
  const found = chunks.flatMap((name) => {
    const lines = readFileSync(built(`bundle/${name}`), 'utf8').split('\n')
    const lineNumber = lines.findIndex((line) => line.startsWith(`function ${functionName}(`))
    return lineNumber === -1 ? [] : [{ url: `file://${built(`bundle/${name}`)}`, lineNumber }]
  })
  const callFrame = { functionName, columnNumber: 9, ...found[0] }
  const profile = { nodes: [{ id: 1, callFrame }], samples: [1], timeDeltas: [1000] }
  writeFileSync(join(folder, 'one.cpuprofile'), JSON.stringify(profile))
  expect(profileText(folder)).toMatch(
    /100\.0 %  createRangeText  src\/sqlite\/range-text\.ts:\d+\n/,
  )
})

test('every trial of the table is tried here', async () => {
  const unknown = await bench('--only', 'nothing').catch((error: { stderr: string }) => error)
  const names = expected.map(({ name }) => name).join(', ')
  expect(unknown.stderr).toContain(`There is no trial nothing; there are ${names}`)
})

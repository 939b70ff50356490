import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allBlocks, blocksOf, documents, scenarioOf, textOf, type Block } from './docs/blocks.ts'
import { guides } from './docs/guides.ts'
import { scenarios as others } from './docs/scenarios.ts'
import { createWorld, scratchFolder } from './docs/world.ts'
import { projectRoot } from './support/built.ts'

const run = promisify(execFile)
const scenarios = { ...others, ...guides }

/**
 * Commands that a test cannot run inside of itself. `.ci/run` runs what they run; the demo has tests of its
 * own, and a whole benchmark takes minutes.
 */
const runByCi = new Set([
  'npm ci',
  'npm test',
  'npm run test:long',
  'npm run demo',
  'npm run check',
  'npm ci && npm run demo',
  'npm ci && npm test',
  './.ci/run',
  'npm run bench',
])

describe('commands in the documents', () => {
  const shell = allBlocks.filter(({ language }) => language === 'sh')

  test('are run here, or by CI', () => {
    expect(shell.length).toBeGreaterThan(10)
    const neither = shell
      .filter((block) => scenarioOf(block) === null)
      .flatMap(({ at, text }) =>
        text
          .trim()
          .split('\n')
          .map((line) => ({ at, line })),
      )
      .filter(({ line }) => !runByCi.has(line))
    expect(neither).toEqual([])
  })

  test('belong to a scenario that is there, and each scenario is used', () => {
    const used = new Set(allBlocks.map(scenarioOf).filter((name) => name !== null))
    expect([...used].toSorted()).toEqual(Object.keys(scenarios).toSorted())
  })

  test.each(Object.entries(scenarios))(
    'do what they say: %s',
    { timeout: 180_000 },
    async (name, scenario) => {
      await using world = await createWorld()
      await scenario.begin(world)
      const outputs: string[] = []
      for (const [position, block] of stepsOf(name).entries()) {
        await scenario.before?.[position]?.(world)
        outputs.push(await world.run(block))
      }
      expect(outputs.length).toBeGreaterThan(0)
      await scenario.end(world, outputs)
    },
  )
})

test('a command that fails, and one that is not there, are noticed', async () => {
  await using world = await createWorld()
  const sh = (text: string): Promise<string> => world.run({ language: 'sh', words: [], text })
  await expect(sh('lockstep init && lockstep ready')).rejects.toThrow('NOT_INSTALLED')
  await expect(sh('lockstep doktor')).rejects.toThrow("unknown command 'doktor'")
})

/** YAML has no place of its own in a scenario: it belongs to the one of the block before it. */
function stepsOf(name: string): Block[] {
  return allBlocks.filter(
    (block, position) =>
      scenarioOf(block) === name ||
      (block.language === 'yaml' && scenarioOf(allBlocks[position - 1] as Block) === name),
  )
}

describe('TypeScript in the documents', () => {
  const blocks = allBlocks.filter(({ language }) => language === 'ts')
  const fileOf = (position: number): string => `block-${position}`

  beforeAll(async () => {
    rmSync(scratchFolder, { recursive: true, force: true })
    mkdirSync(scratchFolder, { recursive: true })
    for (const [position, { text }] of blocks.entries())
      writeFileSync(join(scratchFolder, `${fileOf(position)}.ts`), text)
    // Where the example of Prisma has its client, a generated one is needed.
    const generated = join(projectRoot, 'test', 'adapters', 'prisma', 'generated')
    cpSync(generated, join(scratchFolder, 'generated', 'prisma'), { recursive: true })
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      rootDir: '.',
      outDir: 'out',
    }
    writeFileSync(join(scratchFolder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  })
  afterAll(() => rmSync(scratchFolder, { recursive: true, force: true }))

  test('has the types that an application with strict settings needs', async () => {
    expect(blocks.length).toBeGreaterThan(1)
    const tsc = join(projectRoot, 'node_modules', '.bin', 'tsc')
    const { stdout } = await run(tsc, ['-p', scratchFolder]).catch(
      (error: unknown) => error as { stdout: string },
    )
    expect(stdout).toBe('')
  })

  test('moves an application there and back in the example', async () => {
    await using world = await createWorld()
    const position = blocks.findIndex(({ words }) => words.includes('example'))
    expect(blocks[position]?.text.trim().split('\n').length).toBeLessThanOrEqual(16)
    const file = join(scratchFolder, 'out', `${fileOf(position)}.js`)
    const env = { ...process.env, DATABASE_URL: world.url }
    const { stdout } = await run(process.execPath, [file], { cwd: world.folder, env })
    expect(stdout).toBe('true\npostgres\nsqlite\n')
  })
})

describe('docs/errors.md', () => {
  const source = readFileSync(join(projectRoot, 'src/core/errors.ts'), 'utf8')
  const union = /LockstepCode =([\s\S]*?)\n\n/.exec(source)?.[1] ?? ''
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code)
  const headings = [...textOf('docs/errors.md').matchAll(/^## (.+)$/gm)].map(([, name]) => name)

  test('has a heading for each code, in order, and no other', () => {
    expect(codes.length).toBeGreaterThan(20)
    expect(headings).toEqual(codes)
  })

  test('speaks of codes that something throws', () => {
    const throwing = readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/core\/errors|cli\//.test(name))
      .map((name) => readFileSync(join(projectRoot, 'src', name), 'utf8'))
      .join('\n')
    expect(codes.filter((code) => !throwing.includes(`'${code}'`))).toEqual([])
  })
})

describe('docs/guarantees.md', () => {
  const text = textOf('docs/guarantees.md')
  const rows = text.split('\n').filter((line) => /^\| G\d+ \|/.test(line))

  test('names test files that are there', () => {
    const files = rows.flatMap((row) => [...row.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, f]) => f))
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((file) => !existsSync(join(projectRoot, file ?? '')))).toEqual([])
  })

  test('has a section for each guarantee of its table, by the same words', () => {
    const listed = rows.map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim()),
    )
    const sections = [...text.matchAll(/^## (G\d+)\. (.+)$/gm)].map(([, n, words]) => [n, words])
    expect(sections).toEqual(listed)
  })
})

describe('links in the documents', () => {
  test.each(documents.filter((name) => name.startsWith('docs/') || !name.includes('/')))(
    'lead somewhere: %s',
    (document) => {
      const targets = [...textOf(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(
        ([, target = '']) => target,
      )
      expect(targets.filter((target) => !leadsSomewhere(document, target))).toEqual([])
    },
  )

  test('of which a broken one is found', () => {
    expect(leadsSomewhere('README.md', 'docs/nothing.md')).toBe(false)
    expect(leadsSomewhere('README.md', 'docs/limits.md#nothing')).toBe(false)
    expect(leadsSomewhere('docs/errors.md', 'limits.md#sql')).toBe(true)
    expect(blocksOf('README.md')).not.toEqual([])
  })
})

function leadsSomewhere(document: string, link: string): boolean {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? document : normalize(join(dirname(document), file))
  if (!existsSync(join(projectRoot, target))) return false
  if (anchor === undefined) return true
  const headings = [...textOf(target).matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
    words
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
  return headings.includes(anchor)
}

test('docs/guides/events.md says of each event when it comes', () => {
  const api = readFileSync('src/api.ts', 'utf8')
  const body = /export interface LockstepEvents \{\n([\s\S]*?)\n\}/.exec(api)?.[1] ?? ''
  const events = [...body.matchAll(/^ {2}'?([a-z-]+)'?: /gm)].map(([, name]) => name)
  const told = readFileSync('docs/guides/events.md', 'utf8').matchAll(/^\| `([a-z-]+)` \|/gm)
  expect(events).toContain('error')
  expect(new Set([...told].map(([, name]) => name))).toEqual(new Set(events))
})

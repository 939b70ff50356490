import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from './support/built.ts'

interface Manifest {
  exports: Record<string, string | Record<string, string>>
  bin: Record<string, string>
  files: string[]
}

const manifest = JSON.parse(readFileSync(`${projectRoot}package.json`, 'utf8')) as Manifest

function targetsOf(exports: Manifest['exports']): string[] {
  return Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  )
}

describe('the packed package', () => {
  let packed: string[]
  beforeAll(() => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
    const output = execFileSync('npm', args, {
      cwd: projectRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [report] = JSON.parse(output) as {
      files: { path: string }[]
    }[]
    packed = (report?.files ?? []).map((file) => file.path)
  })

  test.each(['dist/', 'config/', 'docs/', 'README.md', 'LICENSE', 'package.json'])(
    'has %s',
    (path) => {
      expect(
        packed.some((file) => file === path || (path.endsWith('/') && file.startsWith(path))),
      ).toBe(true)
    },
  )

  test('has neither tests nor sources nor anything that was not asked for', () => {
    const allowed = [...manifest.files, 'package.json']
    const strangers = packed.filter(
      (file) => !allowed.some((name) => file === name || file.startsWith(`${name}/`)),
    )
    expect(strangers).toEqual([])
    expect(packed.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([])
    const code = packed.filter((file) => file.startsWith('dist/') && file.endsWith('.js'))
    expect(code.filter((file) => !/^dist\/(?:bundle|admin\/dashboard)\//.test(file))).toEqual([])
  })

  test.each(targetsOf(manifest.exports))('has the entry point %s', (target) => {
    expect(packed).toContain(target.replace(/^\.\//, ''))
  })

  test.each(Object.entries(manifest.bin))(
    'has the command %s, which node can run',
    (_name, target) => {
      expect(packed).toContain(target)
      expect(readFileSync(`${projectRoot}${target}`, 'utf8').split('\n')[0]).toBe(
        '#!/usr/bin/env node',
      )
    },
  )
})

describe('its entry points', () => {
  test.each([
    ['publint', '--strict'],
    ['attw', '--pack', '.', '--profile', 'esm-only'],
  ])('have nothing that %s finds', (program, ...args) => {
    const file = `${projectRoot}node_modules/.bin/${program}`
    expect(() => execFileSync(file, args, { cwd: projectRoot, encoding: 'utf8' })).not.toThrow()
  })

  test('have no type that says nothing', () => {
    const folder = `${projectRoot}dist/`
    const declarations = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.d.ts'),
    )
    expect(declarations.length).toBeGreaterThan(100)
    const saying = declarations.filter((name) =>
      /[:<|,(] ?any\b/.test(withoutComments(readFileSync(folder + name, 'utf8'))),
    )
    expect(saying).toEqual([])
  })
})

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '')
}

describe('the image', () => {
  const dockerfile = readFileSync(`${projectRoot}Dockerfile`, 'utf8').replaceAll('\\\n', ' ')
  const ignored = readFileSync(`${projectRoot}.dockerignore`, 'utf8').split('\n')
  const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line))
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))

  test.each(copied)('copies %s, which exists and is not kept from the engine', (source) => {
    expect(existsSync(`${projectRoot}${source}`)).toBe(true)
    expect(ignored).toContain(`!${source.replace(/^\.\//, '')}`)
  })

  test('starts the built command as a user without rights', () => {
    const link = /ln -s \/app\/(\S+) \/usr\/local\/bin\/lockstep/.exec(dockerfile)?.[1]
    expect(link).toBe(manifest.bin['lockstep'])
    expect(instructions).toContain('ENTRYPOINT ["lockstep"]')
    expect(existsSync(`${projectRoot}${link}`)).toBe(true)
    const user = instructions.findLast((line) => line.startsWith('USER '))
    expect(user).toBe('USER node')
  })

  test('builds in one stage, runs in another, and says whether it is healthy', () => {
    const bases = instructions.filter((line) => line.startsWith('FROM '))
    expect(bases).toEqual(['FROM node:20-bookworm AS build', 'FROM node:20-bookworm-slim'])
    expect(instructions.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true)
  })
})

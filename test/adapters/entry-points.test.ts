import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../support/built.ts'

const root = projectRoot
const { dependencies, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
  exports: Record<string, { default: string }>
}

const imported =
  /^(?:import|export) (?:\w+(?:, )?)?(?:\{[^}]*\}|\* as \w+|\*)? ?(?:from )?["']([^"']+)["'];$/gm

/** The packages that a built file imports when it is loaded, by itself or through others. */
function packagesOf(file: string, seen: Set<string> = new Set()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, name = ''] of text.matchAll(imported)) {
    if (name.startsWith('node:')) continue
    const found = name.startsWith('.')
      ? packagesOf(join(dirname(file), name), seen)
      : [
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ]
    for (const one of found) packages.add(one)
  }
  return packages
}

/** What every application with Lockstep has. */
const always = new Set([...Object.keys(dependencies), 'better-sqlite3', 'pg'])

test.each([
  ['.', []],
  ['./better-sqlite3', []],
  ['./drizzle', ['drizzle-orm']],
  ['./drizzle/migrator', ['drizzle-orm']],
  ['./knex', ['knex']],
  ['./kysely', ['kysely']],
  ['./prisma', ['@prisma/driver-adapter-utils']],
])('the entry point %s needs no other client than its own', (name, own) => {
  const packages = packagesOf(join(root, exports[name]?.default ?? 'missing'))
  expect([...packages].filter((found) => !always.has(found))).toEqual(own)
})

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'

const folder = new URL('../../../shared/data/', import.meta.url)

/**
 * The path of a file of test data that lives beside the project and is not part of it, or null where it
 * is absent. Under CI absence is an error, so that a run cannot pass by leaving tests out.
 */
export function sharedData(name: string): string | null {
  const path = fileURLToPath(new URL(name, folder))
  if (existsSync(path)) return path
  if (process.env['CI'] === 'true') throw new Error(`shared test data is missing: ${name}`)
  process.stderr.write(`${name} is not there: the tests that need it are left out.\n`)
  return null
}

/** A suite over one shared file; the suite is left out, with a notice, where the file is absent. */
export function describeWithData(name: string, suite: (path: string) => void): void {
  const path = sharedData(name)
  describe.runIf(path !== null)(`with ${name}`, () => {
    if (path !== null) suite(path)
  })
}

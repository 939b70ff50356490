import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { closePlaces } from './open.ts'

/**
 * Mocha's words, on Vitest: suites that are written for Mocha keep state in `this`, which its hooks and tests share.
 * https://mochajs.org/#shared-behaviours
 */
interface Context {
  timeout(): Context
  slow(): Context
  [name: string]: unknown
}

type Body = (this: Context, done?: (error?: unknown) => void) => unknown

const context: Context = { timeout: () => context, slow: () => context }

/** A body that takes `done` is over when it has called it. */
function bound(body: Body): () => Promise<void> {
  return async () => {
    if (body.length === 0) {
      await body.call(context)
      return
    }
    await new Promise<void>((resolve, reject) => {
      body.call(context, (error) => (error === undefined ? resolve() : reject(error as Error)))
    })
  }
}

const runner = { describe, test }
const it = (name: string, body: Body): void => runner.test(name, bound(body))

Object.assign(globalThis, {
  describe: Object.assign(
    (name: string, body: () => void) =>
      runner.describe(name, () => {
        body.call(context)
      }),
    {
      skip: describe.skip,
    },
  ),
  it: Object.assign(it, { skip: test.skip }),
  specify: it,
  before: (body: Body) => beforeAll(bound(body)),
  after: (body: Body) => afterAll(bound(body)),
  beforeEach: (body: Body) => beforeEach(bound(body)),
  afterEach: (body: Body) => afterEach(bound(body)),
})

afterAll(closePlaces)

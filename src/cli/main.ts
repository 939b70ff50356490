#!/usr/bin/env node
import { run } from './run.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(signal))
}

// They are imported when a command needs them, so that `--help` and `init` load no driver.
process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
  createLockstep: async (options) => {
    const { createLockstep } = await import('../lockstep.ts')
    return await createLockstep(options)
  },
  assess: async (options, settings) => {
    const { assess } = await import('../assess.ts')
    return await assess(options, settings)
  },
  serveAdmin: async (db, options) => {
    const { serveAdmin } = await import('../admin/serve.ts')
    return await serveAdmin(db, options)
  },
  archive: () => import('../archive.ts'),
  runDemo: async (options) => {
    const [{ runDemo }, { createLockstep }] = await Promise.all([
      import('../demo/run-demo.ts'),
      import('../lockstep.ts'),
    ])
    return await runDemo({ ...options, createLockstep, output: process.stdout })
  },
})

#!/usr/bin/env node
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
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
  actor: process.env['LOCKSTEP_ACTOR'] || userName(),
  ...(process.stdin.isTTY && process.stderr.isTTY ? { confirm } : {}),
  createLockstep: async (options) => {
    const { createLockstep } = await import('../lockstep.ts')
    return await createLockstep(options)
  },
  assess: async (options, settings) => {
    const { assess } = await import('../steps/assess.ts')
    return await assess(options, settings)
  },
  doctor: async (options) => {
    const { doctor } = await import('../steps/doctor.ts')
    return await doctor(options)
  },
  serveAdmin: async (db, options) => {
    const { serveAdmin } = await import('../admin/serve.ts')
    return await serveAdmin(db, options)
  },
  archive: () => import('../steps/archive.ts'),
  runDemo: async (options) => {
    const [{ runDemo }, { createLockstep }] = await Promise.all([
      import('../demo/run-demo.ts'),
      import('../lockstep.ts'),
    ])
    return await runDemo({ ...options, createLockstep, output: process.stdout })
  },
})

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test(await terminal.question(`${question} [y/N] `, { signal: stop.signal }))
  } finally {
    terminal.close()
  }
}

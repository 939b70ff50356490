import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, test, vi } from 'vitest'
import { childrenOf, killTree, untilGone } from '../../src/demo/process-tree.ts'
import { startPostgres } from '../support/postgres.ts'
import { queryPostgres } from '../crash/query.ts'

afterEach(() => vi.restoreAllMocks())

/** A process that says a line once it is set up as the test needs it. */
async function started(script: string): Promise<{ process: ChildProcess; pid: number }> {
  const process = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(createInterface(process.stdout), 'line')
  return { process, pid: process.pid as number }
}

/**
 * One process takes its SIGKILL late, as one does that sleeps for a disk. It is stopped meanwhile, so that it does not
 * end by itself.
 */
function killedLate(late: number, afterMs: number): void {
  const kill = process.kill.bind(process)
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    if (pid !== late || signal !== 'SIGKILL') return kill(pid, signal)
    setTimeout(() => kill(late, 'SIGKILL'), afterMs)
    return kill(late, 'SIGSTOP')
  })
}

test('a killed server starts again even where one of its processes takes long to go', async () => {
  const server = await startPostgres()
  try {
    const [row] = await queryPostgres<{ pid: number }>(
      server.url,
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'`,
    )
    const { pid } = row as { pid: number }
    killedLate(pid, 1000)
    await server.kill()
    await server.restart()
    expect(await queryPostgres(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  } finally {
    await server.stop()
  }
})

test('no child is alive once its parent was killed', async () => {
  const { pid } = await started('sleep 60 & sleep 60 & echo ready; wait')
  const children = childrenOf(pid)
  expect(children).toHaveLength(2)
  killedLate(children[0] as number, 300)
  await killTree(pid)
  await expect(untilGone(children, 0)).resolves.toBeUndefined()
})

test('the wait for a process that stays is bounded, and names it', async () => {
  const { process, pid } = await started('echo ready; exec sleep 60')
  try {
    await expect(untilGone([pid], 50)).rejects.toThrow(
      `Processes are still there after 50 ms: ${pid}`,
    )
  } finally {
    process.kill('SIGKILL')
  }
  await expect(untilGone([pid])).resolves.toBeUndefined()
})

test('a process that has ended is gone, also while its parent has not asked for it', async () => {
  // The program that takes the shell's place never waits for the child that the shell started.
  const { process, pid } = await started('sleep 0.01 & echo ready; exec sleep 60')
  try {
    const children = childrenOf(pid)
    expect(children).toHaveLength(1)
    await untilGone(children, 5000)
    expect(childrenOf(pid)).toEqual(children)
  } finally {
    process.kill('SIGKILL')
  }
})

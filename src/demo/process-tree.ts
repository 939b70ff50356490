import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the system says of a process. */
interface Process {
  readonly pid: number
  readonly parent: number
  /** It has ended and given back all it held, and waits for its parent to ask how. */
  readonly zombie: boolean
}

/** A process that sleeps for a disk takes note of SIGKILL when the disk has answered. */
const goneWithinMs = 30_000
const pollMs = 10

/** Process ids, from /proc where there is one, else from `ps`. */
export function childrenOf(parent: number): number[] {
  return processes()
    .filter((process) => process.parent === parent)
    .map(({ pid }) => pid)
}

/**
 * SIGKILL to a process and its children, which are gone when this resolves; the process itself is its parent's to wait
 * for. It is frozen first, so that it starts no child between the look and the kill. Throws where one stays.
 */
export async function killTree(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  const children = childrenOf(pid)
  process.kill(pid, 'SIGKILL')
  for (const child of children) {
    try {
      process.kill(child, 'SIGKILL')
    } catch {
      // It was ending by itself.
    }
  }
  await untilGone(children)
}

/** Resolves when none of the processes is alive; throws with the ids of those that still are, after `withinMs`. */
export async function untilGone(
  pids: readonly number[],
  withinMs: number = goneWithinMs,
): Promise<void> {
  const deadline = performance.now() + withinMs
  // Only those that the last look saw are looked for again, as the system gives ids anew.
  let left = living(pids)
  while (left.length > 0) {
    if (performance.now() > deadline)
      throw new Error(`Processes are still there after ${withinMs} ms: ${left.join(', ')}`)
    await sleep(pollMs)
    left = living(left)
  }
}

function living(pids: readonly number[]): number[] {
  if (pids.length === 0) return []
  const alive = new Set(processes().flatMap(({ pid, zombie }) => (zombie ? [] : [pid])))
  return pids.filter((pid) => alive.has(pid))
}

function processes(): Process[] {
  return process.platform === 'linux' ? processesFromProc() : processesFromPs()
}

function processesFromProc(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): Process[] => {
      try {
        // The command stands in parentheses and may hold any character; state and parent follow it.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return [
          { pid: Number(name), parent: Number(parent), zombie: state === 'Z' || state === 'X' },
        ]
      } catch {
        return []
      }
    })
}

function processesFromPs(): Process[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' })
  return stdout
    .trim()
    .split('\n')
    .map((line): Process => {
      const [pid, parent, state] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), zombie: state?.startsWith('Z') ?? false }
    })
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf } from '../../src/demo/process-tree.ts'

/** The processes of a server as they are now, the postmaster first; `dataFolder` is its `data_directory`. */
function serverPids(dataFolder: string): number[] {
  const [first] = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
  const postmaster = Number(first)
  return [postmaster, ...childrenOf(postmaster)]
}

/** Stops every process of a server, as SIGSTOP does; the function lets them go on. */
export function freezeServer(dataFolder: string): () => void {
  const pids = serverPids(dataFolder)
  for (const pid of pids) signal(pid, 'SIGSTOP')
  return () => pids.forEach((pid) => signal(pid, 'SIGCONT'))
}

/** A process of the server may have ended by itself meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error
  }
}

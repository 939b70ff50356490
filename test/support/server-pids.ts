import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf } from '../../src/demo/process-tree.ts'

/** The processes of a server as they are now, the postmaster first; `dataFolder` is its `data_directory`. */
export function serverPids(dataFolder: string): number[] {
  const [first] = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
  const postmaster = Number(first)
  return [postmaster, ...childrenOf(postmaster)]
}

import { statSync } from 'node:fs'

const smallBytes = 1024 * 1024

/** Whether a file, with what its WAL holds, is read in less time than it takes to start a thread for that. */
export function isSmallFile(path: string): boolean {
  const sizes = [path, `${path}-wal`].map((name) => statSync(name, { throwIfNoEntry: false })?.size)
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) < smallBytes
}

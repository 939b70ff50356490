import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A folder on a file system of its own that is small, so that a fault can fill it and hurt nobody else. */
export interface SmallDisk {
  readonly folder: string
  /** False where this user may not mount: then nothing is filled, as it would be the machine's disk. */
  readonly isMounted: boolean
  /** Takes all that is left, until `empty`. */
  fill(): void
  empty(): void
  unmount(): void
}

const mebibyte = Buffer.alloc(1 << 20)

export function createSmallDisk(folder: string, megabytes: number): SmallDisk {
  mkdirSync(folder)
  const isMounted = tryTo('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  if (!isMounted)
    process.stderr.write(
      `No disk is full in this run: ${folder} cannot be mounted (it takes root)\n`,
    )
  const ballast = join(folder, 'ballast')
  const unmount = (): void => void (isMounted && tryTo('umount', ['--lazy', folder]))
  // A run that fails must not leave it behind.
  process.once('exit', unmount)
  return {
    folder,
    isMounted,
    fill() {
      if (!isMounted) return
      const file = openSync(ballast, 'a')
      // The last pages too, for which a whole piece is too large.
      for (let piece = mebibyte; piece.length > 0; piece = piece.subarray(0, piece.length / 2))
        while (tryWrite(file, piece)) continue
      closeSync(file)
    },
    empty: () => rmSync(ballast, { force: true }),
    unmount() {
      process.off('exit', unmount)
      unmount()
    },
  }
}

function tryWrite(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) === piece.length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

function tryTo(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

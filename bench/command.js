import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Whether a program is there; a contender that is not is left out, and said so.
 * @param {string} program
 */
export function hasProgram(program) {
  const isThere = spawnSync(program, ['--version']).error === undefined
  if (!isThere) process.stderr.write(`${program} is not installed: what needs it is left out\n`)
  return isThere
}

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {readonly number[]} [good] the exit codes that are none of a failure
 */
export async function runProgram(program, args, good = [0]) {
  try {
    return (await promisify(execFile)(program, args, { maxBuffer: 2 ** 26 })).stdout
  } catch (error) {
    const { code, stderr } = /** @type {{ code?: number, stderr?: string }} */ (error)
    if (typeof code === 'number' && good.includes(code)) return ''
    throw new Error(`${program} failed: ${stderr ?? ''}`, { cause: error })
  }
}

/** Seconds that the work took.
 * @param {() => Promise<unknown>} work
 */
export async function timed(work) {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

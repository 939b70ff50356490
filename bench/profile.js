import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What V8's profiler writes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 * @typedef {object} CpuProfile
 * @property {{ id: number, callFrame: Frame }[]} nodes
 * @property {number[]} samples ids of nodes
 * @property {number[]} timeDeltas µs since the sample before
 *
 * @typedef {{ functionName: string, url: string, lineNumber: number, columnNumber: number }} Frame lines and columns from 0
 *
 * @typedef {{ where: string, name: string, ms: number }} Hot a function's own time, without what it calls
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const shown = 15

/**
 * The functions in which the threads of one trial spent most time of their own, as a table for people.
 * @param {string} folder what `node --cpu-prof` has written
 */
export function profileText(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))
  const functions = hottest(
    files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8'))),
  )
  const busyMs = functions.reduce((sum, { ms }) => sum + ms, 0)
  const lines = functions
    .slice(0, shown)
    .map(
      ({ where, name, ms }) =>
        `  ${((100 * ms) / busyMs).toFixed(1).padStart(5)} %  ${name}  ${where}\n`,
    )
  return `  of ${(busyMs / 1000).toFixed(1)} s in which its threads ran:\n${lines.join('')}`
}

/**
 * @param {readonly CpuProfile[]} profiles
 * @returns {Hot[]} the hottest first
 */
function hottest(profiles) {
  /** @type {Map<string, Hot>} */
  const functions = new Map()
  for (const { nodes, samples, timeDeltas } of profiles) {
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
    for (const [index, id] of samples.entries()) {
      const frame = /** @type {Frame} */ (frames.get(id))
      if (frame.functionName === '(idle)') continue
      const key = `${frame.url}:${frame.lineNumber}:${frame.columnNumber}:${frame.functionName}`
      const known = functions.get(key) ?? { where: placeOf(frame), name: nameOf(frame), ms: 0 }
      known.ms += (timeDeltas[index] ?? 0) / 1000
      functions.set(key, known)
    }
  }
  return [...functions.values()].toSorted((a, b) => b.ms - a.ms)
}

/** @param {Frame} frame */
function nameOf({ functionName }) {
  return functionName === '' ? 'a function without a name' : functionName
}

/** The source that a bundle was made of, where there is a map of it. V8 gives no place to what is native.
 * @param {Frame} frame
 */
function placeOf({ url, lineNumber, columnNumber }) {
  if (!url.startsWith('file:')) return url
  const file = fileURLToPath(url)
  const entry = mapOf(file)?.findEntry(lineNumber, columnNumber)
  const isMapped = entry !== undefined && 'originalSource' in entry
  const source = isMapped ? resolve(dirname(file), entry.originalSource) : file
  return `${relative(root, source)}:${1 + (isMapped ? entry.originalLine : lineNumber)}`
}

/** @type {Map<string, SourceMap | undefined>} */
const maps = new Map()

/** @param {string} file */
function mapOf(file) {
  if (!maps.has(file)) {
    const path = `${file}.map`
    maps.set(
      file,
      existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined,
    )
  }
  return maps.get(file)
}

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The project's root, with a slash at its end. */
export const projectRoot: string = fileURLToPath(new URL('../../', import.meta.url))

/** A file of `dist`, for tests that need a real process; `npm test` builds before it tests. */
export function built(path: string): string {
  const file = `${projectRoot}dist/${path}`
  if (!existsSync(file)) throw new Error(`${path} is not built: run npm run build first`)
  return file
}

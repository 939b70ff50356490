import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const ours = dirname(fileURLToPath(import.meta.url))

/** The line of the application that has made the call, as `file:line:column`; null where the stack has none. */
export function callSite(): string | null {
  const { stack = '' } = new Error('call site')
  for (const line of stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+|[A-Za-z]:\\[^()]+:\d+:\d+)\)?$/.exec(
      line,
    )?.[1]
    if (place === undefined) continue
    const path = place.startsWith('file://') ? fileURLToPath(place) : place
    if (!path.startsWith(ours) && !path.includes('node_modules/better-sqlite3/')) return path
  }
  return null
}

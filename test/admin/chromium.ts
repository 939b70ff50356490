import { existsSync } from 'node:fs'

/** A browser of the machine: Debian's package `chromium`, or the one that CHROMIUM names; null where there is none. */
export function chromiumPath(): string | null {
  const candidates = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome']
  return candidates.find((path) => path !== '' && existsSync(path)) ?? null
}

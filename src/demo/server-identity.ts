import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Who runs the server; empty for "whoever runs this process". */
export interface Identity {
  readonly uid?: number
  readonly gid?: number
}

/**
 * PostgreSQL refuses to run as root, so as root it runs as the system's user `postgres`, which is
 * created where it is missing (as in a bare container).
 */
export async function serverIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return {}
  const known = await identityOf('postgres')
  if (known !== null) return known
  await run('groupadd', ['--force', '--system', 'postgres'], {})
  await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'], {})
  const created = await identityOf('postgres')
  if (created === null) throw new Error('root cannot run PostgreSQL and there is no user postgres')
  return created
}

async function identityOf(user: string): Promise<Identity | null> {
  try {
    const uid = Number(await run('id', ['-u', user], {}))
    const gid = Number(await run('id', ['-g', user], {}))
    return { uid, gid }
  } catch {
    return null
  }
}

/** Runs a program and gives its standard output; throws with what it printed where it fails. */
export async function run(
  command: string,
  args: readonly string[],
  identity: Identity,
): Promise<string> {
  const child = spawn(command, args, {
    ...identity,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  })
  const out: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return Buffer.concat(out).toString()
  throw new Error(`${command} failed with ${code}: ${Buffer.concat(errors).toString().trim()}`)
}

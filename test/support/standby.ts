import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/demo/free-port.ts'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { startReaper } from '../../src/demo/reaper.ts'
import { run, serverIdentity } from '../../src/demo/server-identity.ts'
import { onServer } from './postgres.ts'
import { freezeServer } from './server-pids.ts'

/** A streaming standby of a server, which takes what its primary sends and can be told to apply none of it. */
export interface Standby extends AsyncDisposable {
  /** What is sent is kept, and not applied. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** It hangs, and answers nothing, until the function is called. */
  freeze(): () => void
}

/** @param bindir the programs of the primary's version, `pg_basebackup` among them */
export async function startStandby(primary: PostgresServer, bindir: string): Promise<Standby> {
  const identity = await serverIdentity()
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-standby-'))
  if (identity.uid !== undefined && identity.gid !== undefined)
    await chown(folder, identity.uid, identity.gid)
  const data = join(folder, 'data')
  const port = await freePort()
  const program = async (name: string, ...args: string[]): Promise<string> =>
    await run(join(bindir, name), args, identity)
  await program(
    'pg_basebackup',
    '--write-recovery-conf',
    `--pgdata=${data}`,
    `--dbname=${primary.url}`,
  )
  const log = join(folder, 'log')
  await program(
    'pg_ctl',
    'start',
    '--wait',
    `--pgdata=${data}`,
    `--log=${log}`,
    `--options=-p ${port}`,
  )
  const reaper = startReaper(folder)
  reaper.watch(Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10))

  const url = new URL(primary.url)
  url.port = String(port)
  const stop = async (): Promise<void> => {
    await program('pg_ctl', 'stop', '--wait', '--mode=immediate', `--pgdata=${data}`)
    reaper.release()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    pause: async () => await onServer(url.href, 'SELECT pg_wal_replay_pause()'),
    resume: async () => await onServer(url.href, 'SELECT pg_wal_replay_resume()'),
    freeze: () => freezeServer(data),
    [Symbol.asyncDispose]: stop,
  }
}

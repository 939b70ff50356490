import { readFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Lockstep } from '../api.ts'
import { LockstepError, messageOf } from '../core/errors.ts'
import type { AdminOptions } from './admin.ts'
import { createDoor } from './door.ts'
import { isLoopback } from './loopback.ts'

export interface Tls {
  /** Files in PEM. */
  readonly cert: string
  readonly key: string
}

export interface ServeOptions extends AdminOptions {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly tls?: Tls
}

export interface AdminServer extends AsyncDisposable {
  readonly url: string
  close(): Promise<void>
}

/** A client that is slow with its headers or its body is in nobody's way. */
const timeouts = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000 }
const maxConnections = 256
const maxHeaderSize = 16 * 1024

/**
 * Serves the admin server by itself.
 *
 * @throws LockstepError CONFIG_INVALID: another address than loopback without a token, an address that is taken,
 *   a certificate that cannot be read, or a package that is not installed
 */
export async function serveAdmin(db: Lockstep, options: ServeOptions): Promise<AdminServer> {
  const { host, port, tls } = options
  refuseOpenDoor(options)
  const { createAdmin } = await fromPeers(() => import('./admin.ts'))
  const { getRequestListener } = await fromPeers(() => import('@hono/node-server'))
  const app = createAdmin(db, options)
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
  })
  const limits = { ...timeouts, maxHeaderSize }
  const onRequest = createDoor((incoming, outgoing) => void listener(incoming, outgoing))
  const server =
    tls === undefined
      ? createPlain(limits, onRequest)
      : createSecure({ ...limits, ...read(tls) }, onRequest)
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refused(`cannot listen: ${messageOf(error)}`, error)))
    server.listen(port, host, resolve)
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      // Streams of events would go on for as long as somebody listens.
      server.closeAllConnections()
    })
  const { port: bound } = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${shown}:${bound}/`,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function refuseOpenDoor({ host, tokens, authorize }: ServeOptions): void {
  const guarded =
    authorize !== undefined || tokens?.operator !== undefined || tokens?.reader !== undefined
  if (guarded || isLoopback(host)) return
  throw refused(
    `does not listen at ${host}, which other machines reach, without a token: set LOCKSTEP_ADMIN_TOKEN`,
  )
}

/** They are peers: an application that never serves this need not have them. */
async function fromPeers<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw refused(
      'needs packages beside Lockstep: npm install hono @hono/node-server @hono/zod-openapi zod',
      error,
    )
  }
}

function read({ cert, key }: Tls): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(cert), key: readFileSync(key) }
  } catch (error) {
    throw refused(`cannot read its certificate: ${messageOf(error)}`, error)
  }
}

function refused(problem: string, cause?: unknown): LockstepError {
  return new LockstepError('CONFIG_INVALID', `The admin server ${problem}`, { cause })
}

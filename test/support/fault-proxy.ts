import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy before a server, whose faults a test turns on and off. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** Every piece of data waits so long, in both directions. */
  latencyMs: number
  /** Nothing goes through, and nothing is closed: the server hangs. */
  hang(): void
  /** Connections are cut, and new ones closed at once. */
  refuse(): void
  /** All is well again; what a hang has held goes on. */
  heal(): void
  close(): Promise<void>
}

/** @param target a connection string; the proxy's `url` is the same by way of the proxy */
export async function openFaultProxy(target: string): Promise<FaultProxy> {
  const there = new URL(target)
  const sockets = new Set<Socket>()
  let mode: 'well' | 'hanging' | 'refusing' = 'well'
  let held: (() => void)[] = []
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (data: Buffer) => {
      const send = (): void => void (to.destroyed || to.write(data))
      const later = (): void =>
        void (proxy.latencyMs > 0 ? setTimeout(send, proxy.latencyMs) : send())
      if (mode === 'hanging') held.push(later)
      else later()
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
  const server = createServer((client) => {
    if (mode === 'refusing') return client.destroy()
    const upstream = connect(Number(there.port), there.hostname)
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    pass(client, upstream)
    pass(upstream, client)
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const proxy: FaultProxy = {
    url: url.href,
    latencyMs: 0,
    hang: () => void (mode = 'hanging'),
    refuse() {
      mode = 'refusing'
      for (const socket of sockets) socket.destroy()
    },
    heal() {
      mode = 'well'
      const waiting = held
      held = []
      for (const send of waiting) send()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return proxy
}

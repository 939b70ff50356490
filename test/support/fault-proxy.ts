import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy before a server, whose faults a test turns on and off. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** Every piece of data waits so long, in both directions. */
  latencyMs: number
  /** What each connection carries at most, in each direction. */
  bytesPerSecond: number
  /** Nothing goes through, and nothing is closed: the server hangs. */
  hang(): void
  /** Connections are cut, and new ones closed at once. */
  refuse(): void
  /** Cuts each connection in the middle of what it carries next. */
  cut(): void
  /** All is well again; what a hang has held goes on. */
  heal(): void
  close(): Promise<void>
}

/** @param target a connection string; the proxy's `url` is the same by way of the proxy */
export async function openFaultProxy(target: string): Promise<FaultProxy> {
  const there = new URL(target)
  const sockets = new Set<Socket>()
  const pipes = new Set<Pipe>()
  let isRefusing = false
  const pass = (from: Socket, to: Socket): void => {
    const pipe = createPipe(from, to, proxy)
    pipes.add(pipe)
    from.once('close', () => pipes.delete(pipe))
  }
  const server = createServer((client) => {
    if (isRefusing) return client.destroy()
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
  const proxy = {
    url: url.href,
    latencyMs: 0,
    bytesPerSecond: Infinity,
    isHanging: false,
    hang: () => void (proxy.isHanging = true),
    refuse() {
      isRefusing = true
      for (const socket of sockets) socket.destroy()
    },
    cut() {
      for (const pipe of pipes) pipe.cutNext()
    },
    heal() {
      isRefusing = false
      proxy.isHanging = false
      for (const pipe of pipes) pipe.send()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return proxy
}

/** One direction of a connection; what it carries stays in its order, whatever the faults are. */
interface Pipe {
  send(): void
  cutNext(): void
}

interface Faults {
  readonly latencyMs: number
  readonly bytesPerSecond: number
  readonly isHanging: boolean
}

function createPipe(from: Socket, to: Socket, faults: Faults): Pipe {
  const waiting: { readonly data: Buffer; readonly at: number }[] = []
  let free = 0
  let isCut = false
  const send = (): void => {
    while (!faults.isHanging && waiting[0] !== undefined && waiting[0].at <= performance.now()) {
      const { data } = waiting.shift() as { data: Buffer }
      if (!to.destroyed) to.write(data)
    }
  }
  from.on('data', (data: Buffer) => {
    if (isCut) {
      to.write(data.subarray(0, data.length / 2), () => to.destroy())
      from.destroy()
      return
    }
    const now = performance.now()
    free = Math.max(free, now) + (1000 * data.length) / faults.bytesPerSecond
    const at = free + faults.latencyMs
    waiting.push({ data, at })
    if (at > now) setTimeout(send, Math.ceil(at - now) + 1)
    else send()
  })
  from.on('close', () => to.destroy())
  from.on('error', () => to.destroy())
  return { send, cutNext: () => void (isCut = true) }
}

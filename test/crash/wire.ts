import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
/** A wire between an application and PostgreSQL that can break at a chosen moment. */
export interface Wire {
  /** A connection string with PostgreSQL at the other end of the wire. */
  readonly url: string
  /**
   * Breaks the connection that sends the next COMMIT among those that have sent `marker`: before the
   * server has got it, or once the server has answered. Resolves when it is broken.
   */
  breakAtCommit(marker: string, when: 'before' | 'answered'): Promise<void>
  close(): void
}

interface Break {
  readonly marker: string
  readonly when: 'before' | 'answered'
  readonly done: () => void
}

/** What a connection has sent is remembered so far back. */
const rememberedBytes = 65_536

/** @param target a connection string */
export async function stretchWire(target: string): Promise<Wire> {
  const url = new URL(target)
  const far = { host: url.hostname, port: Number(url.port) }
  const sockets = new Set<Socket>()
  let wanted: Break | undefined
  const server = createServer((application) => {
    const postgres = connect(far)
    for (const socket of [application, postgres]) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    }
    const cut = (broken: Break): void => {
      application.destroy()
      postgres.destroy()
      broken.done()
    }
    let sent = ''
    let answering: Break | undefined
    application.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      sent = (sent + text).slice(-rememberedBytes)
      if (wanted !== undefined && text.includes('COMMIT') && sent.includes(wanted.marker)) {
        const broken = wanted
        wanted = undefined
        if (broken.when === 'before') return cut(broken)
        answering = broken
      }
      postgres.write(chunk)
    })
    postgres.on('data', (chunk: Buffer) => {
      if (answering === undefined) application.write(chunk)
      // Several answers may come before the one to COMMIT; none of them arrives.
      else if (chunk.toString('latin1').includes('COMMIT\0')) cut(answering)
    })
    application.on('close', () => postgres.destroy())
    postgres.on('close', () => application.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    breakAtCommit: (marker, when) =>
      new Promise((done) => {
        wanted = { marker, when, done }
      }),
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

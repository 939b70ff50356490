import type pg from 'pg'

/**
 * Whether COPY ... TO STDOUT writes exactly this text. Each row comes as a message of its own, which is compared as it comes
 * and kept nowhere.
 */
export function copyEquals(client: pg.Client, copy: string, text: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let at = 0
    let isEqual = true
    client.query({
      submit: (connection: pg.Connection) => connection.query(copy),
      handleCopyData({ chunk }: { chunk: Buffer }) {
        const end = at + chunk.length
        isEqual &&= end <= text.length && text.compare(chunk, 0, chunk.length, at, end) === 0
        at = end
      },
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => resolve(isEqual && at === text.length),
      handleError: reject,
    })
  })
}

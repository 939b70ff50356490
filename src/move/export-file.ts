import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { ExportFormat, RowWriter } from '../values/export-text.ts'
import type { Row } from '../values/value.ts'
import { ownerOnly } from './partial.ts'

/** So much is gathered before it is written. */
const bytesPerWrite = 256 * 1024

export interface WrittenFile {
  readonly rows: number
  readonly bytes: number
  /** In hexadecimal digits. */
  readonly sha256: string
}

/** Writes rows to a new file, hashes them as they go, and waits for the disk. */
export async function writeRows(
  path: string,
  chunks: AsyncIterable<readonly Row[]>,
  writer: RowWriter,
  onRows: (rows: number) => void,
): Promise<WrittenFile> {
  const hash = createHash('sha256')
  const handle = await open(path, 'wx', ownerOnly.file)
  let [rows, bytes] = [0, 0]
  let waiting: Buffer[] = []
  let waitingBytes = 0
  const flush = async (): Promise<void> => {
    const chunk = Buffer.concat(waiting)
    waiting = []
    waitingBytes = 0
    hash.update(chunk)
    bytes += chunk.length
    await handle.writeFile(chunk)
  }
  const add = (text: string | Buffer): void => {
    const chunk = typeof text === 'string' ? Buffer.from(text) : text
    waiting.push(chunk)
    waitingBytes += chunk.length
  }
  try {
    add(writer.head)
    for await (const chunk of chunks) {
      for (const row of chunk) {
        add(writer.row(row))
        rows++
        if (waitingBytes >= bytesPerWrite) await flush()
      }
      onRows(rows)
    }
    await flush()
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { rows, bytes, sha256: hash.digest('hex') }
}

/** A table may have any name, and a file may not. */
export function exportFileName(table: string, index: number, format: ExportFormat): string {
  const safe = encodeURIComponent(table).replaceAll(/[.!'()*~]/g, (sign) => `%${hex(sign)}`)
  return `${safe.length > 180 ? `table-${index}` : safe}.${format}`
}

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
}

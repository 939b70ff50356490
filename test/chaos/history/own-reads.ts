import type { Operation } from './operation.ts'

type Write = Operation & { readonly kind: 'write' }

/**
 * What a session must never read, whichever place answers. Values are used once, so each names its write.
 *
 * - *dirty*: a value that nobody wrote, that was refused, or that was written only after the read
 * - *stale*: a value that was there for certain before a write of the session itself, which the session had
 *   been told is done before it read
 */
export function badOwnReads(
  operations: readonly Operation[],
  initial: (key: number) => string,
): string[] {
  const writes = operations.filter((operation): operation is Write => operation.kind === 'write')
  const sources = new Map(writes.map((write) => [`${write.key} ${write.value}`, write]))
  const done = new Map<string, Write[]>()
  for (const write of writes) {
    const name = `${write.client} ${write.key}`
    done.set(name, [...(done.get(name) ?? []), write])
  }
  return operations.flatMap((operation) => {
    if (operation.kind !== 'own-read' || operation.outcome !== 'acknowledged') return []
    const { client, key, value } = operation
    const isInitial = value === initial(key)
    const source = sources.get(`${key} ${value}`)
    const read = `${client} read ${value} of register ${key}`
    if (!isInitial && isDirty(operation, source)) return [`${read}, which is dirty`]
    // The initial value was there before everything; that of a write in doubt may come at any time.
    const there = isInitial ? -Infinity : endOf(source)
    const own = done.get(`${client} ${key}`) ?? []
    const newer = own.find((write) => write.begin > there && endOf(write) < operation.begin)
    return newer === undefined ? [] : [`${read} after its own write of ${newer.value}`]
  })
}

function isDirty(read: Operation, source: Write | undefined): boolean {
  if (source === undefined || source.outcome === 'failed') return true
  return source.begin > (read.end ?? Infinity)
}

/** When it was done for certain. */
function endOf(write: Write | undefined): number {
  return write?.outcome === 'acknowledged' ? (write.end ?? Infinity) : Infinity
}

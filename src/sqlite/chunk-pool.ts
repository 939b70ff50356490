/**
 * Memory of chunks that comes back to the thread that fills them: the C library keeps much of what is taken by one thread
 * and freed by another. As many are kept as are under way at once; one that has grown with a long row is left to the
 * garbage collector.
 */
export class ChunkPool {
  readonly #capacity: number
  readonly #spare: Buffer[] = []

  /** @param chunkBytes of which a chunk ends with the row that reaches it */
  constructor(chunkBytes: number) {
    this.#capacity = chunkBytes + chunkBytes / 4
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#capacity)
  }

  give(memory: ArrayBuffer): void {
    if (memory.byteLength === this.#capacity) this.#spare.push(Buffer.from(memory))
  }
}

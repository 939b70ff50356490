const none = Buffer.alloc(0)

/** Bytes in network order that grow as needed; what has been added is taken as a buffer that can change threads. */
export class CopyBytes {
  readonly #allocate: () => Buffer
  #buffer: Buffer = none
  #view: DataView = viewOf(none)
  #length = 0

  /** @param allocate gives memory that nobody else has; a row that is longer takes more */
  constructor(allocate: () => Buffer) {
    this.#allocate = allocate
  }

  get length(): number {
    return this.#length
  }

  /** Forgets what was added behind `length`. */
  cut(length: number): void {
    this.#length = length
  }

  int16(value: number): void {
    this.#reserve(2)
    this.#view.setInt16(this.#length, value)
    this.#length += 2
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#view.setInt32(this.#length, value)
    this.#length += 4
  }

  int64(value: bigint): void {
    this.#reserve(8)
    this.#view.setBigInt64(this.#length, value)
    this.#length += 8
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
  }

  /** In UTF-8. @returns its length in bytes */
  text(value: string): number {
    // A UTF-16 unit takes three bytes at most.
    this.#reserve(value.length * 3)
    const written = this.#buffer.write(value, this.#length)
    this.#length += written
    return written
  }

  /** In UTF-8, with its length in bytes before it. */
  textWithLength(value: string): void {
    const start = this.#length
    this.int32(0)
    const written = this.text(value)
    this.#view.setInt32(start, written)
  }

  /** Everything so far, in memory of its own; begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#buffer.buffer as ArrayBuffer, 0, this.#length)
    this.#buffer = none
    this.#length = 0
    return taken
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed > this.#buffer.length) this.#grow(needed)
  }

  #grow(needed: number): void {
    let larger = this.#buffer === none ? this.#allocate() : none
    if (larger.length < needed)
      larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
    this.#view = viewOf(larger)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

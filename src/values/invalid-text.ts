/** The bytes of a text that are not valid UTF-8; SQLite stores what it is given. */
export class InvalidText {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** In the words of SQLite, which are those of no other value. */
  toString(): string {
    return `CAST(x'${this.bytes.toString('hex')}' AS TEXT)`
  }
}

import { codecFor, Unencodable } from '../values/codec.ts'
import type { KeyValues } from '../values/value.ts'
import { keyPositions, shippedColumns, type ShippedColumn, type Table } from './model.ts'

/** Carries the keys of one table between SQLite's values and PostgreSQL's text. */
export interface KeyCodec {
  /** Null for a key that PostgreSQL cannot hold: it names no row there. */
  readonly encode: (key: KeyValues) => string[] | null
  readonly decode: (texts: readonly string[]) => KeyValues
}

export function keyCodec(table: Table): KeyCodec {
  const columns = shippedColumns(table)
  const codecs = keyPositions(table).map((position) => codecFor(columns[position] as ShippedColumn))
  return {
    encode(key) {
      const texts: string[] = []
      for (const [index, codec] of codecs.entries()) {
        const text = codec.encode(key[index] ?? null)
        if (text === null || text instanceof Unencodable) return null
        texts.push(text)
      }
      return texts
    },
    decode: (texts) => codecs.map((codec, index) => codec.decode(texts[index] ?? null)),
  }
}

import { readFileSync, statSync } from 'node:fs'

/** A larger file is data, or a program that was generated. */
export const maxFileBytes: number = 16 * 1024 * 1024

/** The text of a file. @throws Error with the reason why it is none */
export function readText(file: string): string {
  const { size } = statSync(file)
  if (size > maxFileBytes) {
    throw new Error(`It is ${size} bytes long, more than the ${maxFileBytes} that are read`)
  }
  const bytes = readFileSync(file)
  if (bytes.includes(0)) throw new Error('It holds NUL bytes, and so is no text in UTF-8')
  try {
    // The byte order mark stays, as places are counted with it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new Error('It is no text in UTF-8', { cause: error })
  }
}

/** Line and column, from 1, of an offset in a text; asked for many of one text. */
export function placesOf(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 }
  }
}

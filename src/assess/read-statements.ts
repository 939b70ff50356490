import { messageOf } from '../core/errors.ts'
import { findFiles, isProgram } from './find-files.ts'
import { scriptPiece, type Piece } from './piece.ts'
import { programPieces } from './program-pieces.ts'
import { placesOf, readText } from './read-file.ts'
import { parseProgram } from './syntax-tree.ts'
import { statementsOf, type FoundStatement } from './statements.ts'
import type { Place, SqlReport } from './sql-report.ts'

/** A statement with the place where it stands. */
export interface ReadStatement extends FoundStatement {
  readonly place: Place
  /** The place in the file of an offset in the statement. */
  readonly placeAt: (offset: number) => { readonly line: number; readonly column: number }
}

export interface ReadSql extends Pick<SqlReport, 'files' | 'unreadable' | 'unread' | 'fragments'> {
  readonly statements: readonly ReadStatement[]
}

export interface ReadOptions {
  readonly onFile?: (file: string, index: number, count: number) => void
  /** Lets others run between files; a promise that rejects ends the reading. */
  readonly pause?: () => Promise<void>
}

/** Reads the statements of files and folders. What cannot be read is told, and the rest goes on. */
export async function readStatements(
  paths: readonly string[],
  { onFile = () => undefined, pause = async () => undefined }: ReadOptions = {},
): Promise<ReadSql> {
  const found = findFiles(paths)
  const statements: ReadStatement[] = []
  const unreadable: SqlReport['unreadable'][number][] = []
  const unread = [...found.unread]
  let fragments = 0
  for (const [index, file] of found.files.entries()) {
    onFile(file, index + 1, found.files.length)
    await pause()
    try {
      const text = readText(file)
      const placeIn = placesOf(text)
      for (const piece of piecesOf(text, file)) {
        const read = statementsOf(piece)
        if (read.isFragment) fragments += 1
        for (const statement of read.statements) {
          const { offset } = statement
          const placeAt: ReadStatement['placeAt'] = (at) => placeIn(piece.place(offset + at))
          statements.push({ ...statement, place: { file, ...placeAt(0) }, placeAt })
        }
        for (const { offset, reason } of read.unreadable) {
          unreadable.push({ file, ...placeIn(piece.place(offset)), reason })
        }
      }
    } catch (error) {
      unread.push({ file, reason: messageOf(error) })
    }
  }
  return { files: found.files.length, statements, unreadable, unread, fragments }
}

function piecesOf(text: string, file: string): Piece[] {
  return isProgram(file) ? programPieces(parseProgram(text, file), text) : [scriptPiece(text)]
}

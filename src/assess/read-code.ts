import { messageOf } from '../core/errors.ts'
import type { CodePlace, CodeReport } from './code-report.ts'
import { codePlaces } from './code-places.ts'
import { findFiles, isProgram } from './find-files.ts'
import { placesOf, readText } from './read-file.ts'
import type { UnreadFile } from './sql-report.ts'
import { parseProgram } from './syntax-tree.ts'

const maxShown = 80

/** Reads the programs of files and folders, and changes nothing. Paths are counted from the process's directory. */
export function readCode(paths: readonly string[]): CodeReport {
  const found = findFiles(paths)
  const programs = found.files.filter(isProgram)
  const unread: UnreadFile[] = [...found.unread]
  const places = programs.flatMap((file) => {
    try {
      return placesIn(file)
    } catch (error) {
      unread.push({ file, reason: messageOf(error) })
      return []
    }
  })
  return { files: programs.length, places, unread }
}

function placesIn(file: string): CodePlace[] {
  const text = readText(file)
  const placeAt = placesOf(text)
  return codePlaces(parseProgram(text, file)).map(({ node, kind, change }) => {
    const source = text.slice(node.start, node.end).replaceAll(/\s+/g, ' ')
    const found = source.length > maxShown ? `${source.slice(0, maxShown - 1)}…` : source
    return { file, ...placeAt(node.start), kind, found, change }
  })
}

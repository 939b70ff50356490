import { readdirSync, realpathSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import type { UnreadFile } from './sql-report.ts'

export interface FoundFiles {
  readonly files: readonly string[]
  readonly unread: readonly UnreadFile[]
}

const scripts = new Set(['.sql'])
const programs = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'])

/** Whether a file is read as a program, whose texts may be SQL; any other is SQL itself. */
export function isProgram(file: string): boolean {
  return programs.has(extname(file).toLowerCase())
}

/**
 * The files to read: those that are named, whatever they are called, and of a folder all SQL files and programs, without
 * what was installed (`node_modules`) and what is hidden. Symbolic links are followed; each file and folder counts once,
 * so that a circle of links ends.
 */
export function findFiles(paths: readonly string[]): FoundFiles {
  const files: string[] = []
  const unread: UnreadFile[] = []
  const seen = new Set<string>()

  function visit(path: string, isNamed: boolean): void {
    try {
      const real = realpathSync(path)
      if (seen.has(real)) return
      seen.add(real)
      const stats = statSync(real)
      if (stats.isDirectory()) visitFolder(path)
      else if (stats.isFile() && (isNamed || isWanted(path))) files.push(path)
      else if (isNamed) unread.push({ file: path, reason: 'It is neither a file nor a folder' })
    } catch (error) {
      unread.push({ file: path, reason: messageOf(error) })
    }
  }

  function visitFolder(folder: string): void {
    for (const name of readdirSync(folder).toSorted()) {
      if (name === 'node_modules' || name.startsWith('.')) continue
      visit(join(folder, name), false)
    }
  }

  for (const path of paths) visit(path, true)
  return { files, unread }
}

function isWanted(path: string): boolean {
  return scripts.has(extname(path).toLowerCase()) || isProgram(path)
}

import { isMap, parseDocument } from 'yaml'
import { LockstepError } from '../core/errors.ts'
import { isRecord } from '../core/record.ts'
import { parseFlags } from './flags.ts'
import type { Document } from 'yaml'
import type { Flags, FlagsPatch } from './flags.ts'

/**
 * Flags from the text of a YAML file. A file without content is refused rather than taken for the
 * defaults: that is what an editor leaves between emptying a file and writing it.
 */
export function parseFlagsText(text: string): Flags {
  return parseFlags(contentOf(readDocument(text)))
}

/** The text with the patch put in; comments, order and everything else stay as they are. */
export function editFlagsText(text: string, patch: FlagsPatch): string {
  const document = readDocument(text)
  contentOf(document)
  setEach(document, [], { ...patch })
  return document.toString()
}

function readDocument(text: string): Document {
  const document = parseDocument(text, { prettyErrors: true })
  const [problem] = document.errors
  if (problem) throw new LockstepError('FLAGS_INVALID', problem.message, { cause: problem })
  return document
}

function contentOf(document: Document): unknown {
  const content: unknown = document.toJS({ maxAliasCount: 100 })
  if (content !== null && content !== undefined) return content
  throw new LockstepError('FLAGS_INVALID', 'The file is empty; {} stands for the defaults')
}

/** Sets leaf by leaf, as replacing a group would drop its comments; null takes a key out. */
function setEach(document: Document, path: readonly string[], part: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(part)) {
    const at = [...path, spelling(document, path, key)]
    if (value === null) document.deleteIn(at)
    else if (isRecord(value)) {
      if (!isMap(document.getIn(at))) document.setIn(at, document.createNode({}))
      setEach(document, at, value)
    } else if (value !== undefined) document.setIn(at, value)
  }
}

/** A table's name is matched without case, so that the file keeps its own spelling. */
function spelling(document: Document, path: readonly string[], key: string): string {
  if (path.join('.') !== 'reads.tables') return key
  const tables: unknown = document.getIn(path)
  const names = isMap(tables) ? tables.items.map((pair) => String(pair.key)) : []
  return names.find((name) => name.toLowerCase() === key.toLowerCase()) ?? key
}

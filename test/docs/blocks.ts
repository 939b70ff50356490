import { readdirSync, readFileSync } from 'node:fs'
import { projectRoot } from '../support/built.ts'

/** A fenced block of one of the project's documents. */
export interface Block {
  /** Where it is, for the name of a test. */
  readonly at: string
  readonly language: string
  /** What follows the language on the fence's line: `run=journey`. */
  readonly words: readonly string[]
  readonly text: string
}

/** Every document that people read, relative to the project's root. */
export const documents: readonly string[] = [
  ...readdirSync(projectRoot).filter((name) => name.endsWith('.md')),
  ...readdirSync(`${projectRoot}docs`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

export function textOf(document: string): string {
  return readFileSync(`${projectRoot}${document}`, 'utf8')
}

export function blocksOf(document: string): Block[] {
  const text = textOf(document)
  const fence = /^```(\S+)([^\n]*)\n([\s\S]*?)^```$/gm
  return [...text.matchAll(fence)].map(
    ({ index, 1: language = '', 2: words = '', 3: body = '' }) => ({
      at: `${document}:${text.slice(0, index).split('\n').length}`,
      language,
      words: words.split(' ').filter((word) => word !== ''),
      text: body,
    }),
  )
}

/** The scenario that a block is a step of, or null. */
export function scenarioOf({ words }: Block): string | null {
  return words.find((word) => word.startsWith('run='))?.slice('run='.length) ?? null
}

export const allBlocks: readonly Block[] = documents.flatMap(blocksOf)

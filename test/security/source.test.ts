import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../support/built.ts'

/** What makes a program of a text: in this process, or in a shell. */
const forbidden: readonly RegExp[] = [
  /\beval\s*\(/,
  /\bnew\s+Function\b/,
  /\bFunction\s*\(/,
  /['"](?:node:)?vm['"]/,
  /\bset(?:Timeout|Interval)\s*\(\s*['"`]/,
  /\bexec(?:Sync)?\b[^}]*\}\s*from\s+['"](?:node:)?child_process['"]/,
  /\bchild_process['"]\)?\.exec(?:Sync)?\(/,
  /\bshell\s*:\s*(?:true|['"`])/,
  /dangerouslySetInnerHTML|\.innerHTML\s*=|\.outerHTML\s*=|document\.write\(|insertAdjacentHTML/,
]

function forbiddenIn(text: string): string[] {
  return forbidden.flatMap((pattern) => pattern.exec(text)?.[0] ?? [])
}

const shipped = readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:ts|mts|mjs|js|html)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(projectRoot, 'src', name), 'utf8') }))

test('no text becomes a program: no eval, no Function, no shell, no markup from text', () => {
  expect(shipped.length).toBeGreaterThan(300)
  const found = shipped.flatMap(({ name, text }) =>
    forbiddenIn(text).map((what) => `${name}: ${what}`),
  )
  expect(found).toEqual([])
})

test.each([
  'eval(text)',
  'new Function("a", text)',
  `import vm from 'node:vm'`,
  `setTimeout('work()', 1)`,
  `import { exec } from 'node:child_process'`,
  `import { execFile, execSync } from 'child_process'`,
  `spawn('ls', [], { shell: true })`,
  'element.innerHTML = name',
])('and %s would be noticed', (text) => {
  expect(forbiddenIn(text)).not.toEqual([])
})

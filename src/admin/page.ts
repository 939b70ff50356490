import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { codeRoot } from '../core/code-root.ts'

/** The dashboard, and the policy that lets a browser run what is in it and nothing else. */
export interface Page {
  readonly html: string
  readonly policy: string
}

/** Parts of the page's script, in the order in which they need each other. */
const scripts = [
  'session.js',
  'client.js',
  'charts.js',
  'dom.js',
  'status.js',
  'lists.js',
  'actions.js',
  'app.js',
] as const

/**
 * One document with all that it needs, so that it works wherever it is mounted and asks nobody else. Its own
 * files are plain JavaScript, HTML and CSS beside this one; the charts are uPlot's.
 */
export function readPage(): Page {
  const charts = packaged('uplot/dist/uPlot.iife.min.js').trim()
  const style = `${packaged('uplot/dist/uPlot.min.css')}${own('style.css')}`
  const script = scripts.map((name) => bundled(own(name))).join('\n')
  // A hash is of all that is between the tags, white space included.
  const html = own('page.html')
    .replace(/\s*\/\*STYLE\*\/\s*/, () => style)
    .replace(/\s*\/\*CHARTS\*\/\s*/, () => charts)
    .replace(/\s*\/\*SCRIPT\*\/\s*/, () => script)
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    `script-src ${hash(charts)} ${hash(script)}`,
    // uPlot sets the sizes of its elements by their style attributes, through the DOM, which is always allowed.
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, policy }
}

/** Together the files are one module, in which nothing is imported any more. */
function bundled(text: string): string {
  return text.replaceAll(/^import [^;]*?'[^']+'\n/gm, '').replaceAll(/^export /gm, '')
}

function own(name: string): string {
  return readFileSync(new URL(`admin/dashboard/${name}`, codeRoot), 'utf8')
}

function packaged(path: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(path), 'utf8')
}

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

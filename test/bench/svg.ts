/**
 * The texts of an SVG document. Throws where it is not well-formed, as a browser then shows none of it: where an element
 * is not closed, or by another's name, or where a character stands for itself that must not.
 */
export function textsOf(svg: string): string[] {
  const open: string[] = []
  const texts: string[] = []
  const token =
    /<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|</g
  for (const [whole, end, name, , selfClosing, text] of svg.matchAll(token)) {
    if (text !== undefined) {
      if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text)) throw new Error(`A bare & in ${text}`)
      if (open.at(-1) === 'text') texts.push(unescaped(text))
    } else if (end === '/') {
      if (open.pop() !== name) throw new Error(`${whole} closes another element`)
    } else if (name !== undefined) {
      if (selfClosing !== '/') open.push(name)
    } else if (!whole.startsWith('<![CDATA[')) throw new Error('A bare <')
  }
  if (open.length > 0 || !svg.startsWith('<svg ')) throw new Error(`${open.join(', ')} not closed`)
  return texts
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

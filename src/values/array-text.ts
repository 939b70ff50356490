const needsEscape = /["\\]/
const escaped = /["\\]/g

/**
 * A column of text input forms as the literal of a one-dimensional PostgreSQL array, for a parameter
 * such as `$1::text[]`. Every element is quoted, so that the text `NULL` is not NULL and white space
 * is kept. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function arrayText(elements: readonly (string | null)[]): string {
  let text = '{'
  for (let index = 0; index < elements.length; index += 1) {
    if (index > 0) text += ','
    text += elementText(elements[index] ?? null)
  }
  return `${text}}`
}

function elementText(element: string | null): string {
  if (element === null) return 'NULL'
  return needsEscape.test(element) ? `"${element.replace(escaped, '\\$&')}"` : `"${element}"`
}

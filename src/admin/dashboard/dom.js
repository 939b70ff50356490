export const byId = (id) => document.getElementById(id)
export const time = (ms) => new Date(ms).toLocaleString()

/** Text alone goes into the page: names of tables are whatever somebody chose. */
export function cell(tag, text, name) {
  const element = document.createElement(tag)
  element.textContent = String(text ?? '')
  if (name) element.className = name
  return element
}

export function rows(id, lists, empty) {
  const body = byId(id).tBodies[0]
  const shown = lists.map((cells) => {
    const row = document.createElement('tr')
    row.append(...cells.map((one) => (one instanceof Node ? one : cell('td', one))))
    return row
  })
  if (shown.length === 0) {
    const row = document.createElement('tr')
    const all = cell('td', empty)
    all.colSpan = byId(id).tHead.rows[0].cells.length || 1
    row.append(all)
    shown.push(row)
  }
  body.replaceChildren(...shown)
}

export function say(text, isBad = false) {
  byId('outcome').textContent = text
  byId('outcome').className = isBad ? 'bad' : ''
}

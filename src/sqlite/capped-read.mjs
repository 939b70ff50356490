// Plain JavaScript, as a thread loads it as well; capped-read.d.mts says what goes in and what comes out.

/** The most statements that one connection keeps prepared for shadow reads. */
const maxPrepared = 500

/** A reader of bounded answers on one connection, with its prepared statements. */
export function createCappedReader(db, isGivenUp = () => false) {
  const prepared = new Map()
  const prepare = (sql) => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = db.prepare(sql).safeIntegers().raw()
    const entry = { statement, columns: statement.columns() }
    if (prepared.size >= maxPrepared) prepared.delete(prepared.keys().next().value)
    prepared.set(sql, entry)
    return entry
  }
  return (sql, args, { maxRows, maxBytes }) => {
    const { statement, columns } = prepare(sql)
    const rows = []
    let bytes = 0
    let isCut = false
    for (const row of statement.iterate(...args)) {
      bytes += sizeOf(row)
      if (rows.length >= maxRows || bytes > maxBytes || isGivenUp()) {
        isCut = true
        break
      }
      rows.push(row)
    }
    return { rows, columns, isCut }
  }
}

/** What the values of a row take, about; text by its characters. */
export function sizeOf(row) {
  let bytes = 8 * row.length
  for (const value of row) {
    if (typeof value === 'string' || ArrayBuffer.isView(value)) bytes += value.length
  }
  return bytes
}

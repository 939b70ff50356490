import Database from 'better-sqlite3'

// Has a file open, as an application that waits for its next request does, or one that reads it for long.
const [path, how] = process.argv.slice(2)
const db = new Database(path)
const rows = db.prepare('SELECT * FROM log').iterate()
rows.next()
if (how === 'idle') rows.return()
process.send('open')
setInterval(() => db.open, 60_000)

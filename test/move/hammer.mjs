import Database from 'better-sqlite3'

// Writes rows numbered 1, 2, 3 ... in a transaction each, and prints a number only once its commit has returned.
const [path, name] = process.argv.slice(2)
const db = new Database(path, { timeout: 10_000 })
const insert = db.prepare('INSERT INTO log (writer, n, filler) VALUES (?, ?, ?)')
let stopped = false
process.on('SIGTERM', () => (stopped = true))
for (let n = 1; !stopped; n++) {
  insert.run(name, n, 'x'.repeat(200))
  process.stdout.write(`${n}\n`)
  await new Promise((resolve) => setImmediate(resolve))
}
db.close()

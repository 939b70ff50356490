// An application as small as one can be: it opens Lockstep in the place of its SQLite driver, and serves notes over
// HTTP. compose.yaml runs it beside Lockstep; nothing in it knows which database answers.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import { createLockstep } from 'lockstep'

const path = process.env['LOCKSTEP_SQLITE'] ?? './app.db'
const file = new Database(path)
file.pragma('journal_mode = WAL')
file.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
file.close()

const db = await createLockstep({
  sqlite: { path },
  postgres: { connectionString: process.env['DATABASE_URL'] },
})
const tell = ({ message }) => process.stderr.write(`${message}\n`)
db.on('error', ({ error }) => tell(error))

/** GET lists the newest notes, POST adds the body as one. */
async function answerTo(request) {
  if (request.method !== 'POST')
    return db.all('SELECT id, text FROM notes ORDER BY id DESC LIMIT 20')
  return db.run('INSERT INTO notes (text) VALUES (?)', [await text(request)])
}

const server = createServer((request, response) => {
  answerTo(request)
    .then((answer) => response.end(JSON.stringify(answer)))
    .catch((error) => {
      tell(error)
      response.writeHead(500).end()
    })
})
server.listen(Number(process.env['PORT'] ?? 3000))

process.once('SIGTERM', () => {
  server.close(() => void db.close())
})

import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'

// The file that the applications have before Lockstep comes: node examples/create-database.js bank.db
const [, , file = 'bank.db'] = process.argv
if (existsSync(file)) throw new Error(`${file} is there already`)
const db = new Database(file)
db.pragma('journal_mode = WAL')
db.exec(`
  CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    owner TEXT NOT NULL UNIQUE,
    balance INTEGER NOT NULL DEFAULT 100 CHECK (balance >= 0)
  );
  CREATE TABLE transfers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    payer INTEGER NOT NULL REFERENCES accounts (id),
    payee INTEGER NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL
  );
`)
db.close()

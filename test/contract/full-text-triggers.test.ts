import { expect, test } from 'vitest'
import { openPair, rollback } from '../support/pair.ts'

/** As SQLite's own documentation keeps an index of a table's contents. https://www.sqlite.org/fts5.html#external_content_tables */
const schema = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, edits INTEGER DEFAULT 0);
  CREATE TABLE log (what TEXT);
  CREATE VIRTUAL TABLE notes_fts USING fts5(body, content='notes', content_rowid='id');
  CREATE TRIGGER notes_ai AFTER INSERT ON notes BEGIN
    INSERT INTO notes_fts (rowid, body) VALUES (NEW.id, NEW.body); END;
  CREATE TRIGGER notes_ad AFTER DELETE ON notes BEGIN
    INSERT INTO notes_fts (notes_fts, rowid, body) VALUES ('delete', OLD.id, OLD.body);
    INSERT INTO log VALUES ('gone ' || OLD.body); END;
  CREATE TRIGGER notes_au AFTER UPDATE OF body ON notes BEGIN
    INSERT INTO notes_fts (notes_fts, rowid, body) VALUES ('delete', OLD.id, OLD.body);
    INSERT INTO notes_fts (rowid, body) VALUES (NEW.id, NEW.body); END;
  INSERT INTO notes (body) VALUES ('a quick fox'), ('a lazy dog');`

test('triggers that keep a full-text index stand in the way of no flip, and do the rest of their work on PostgreSQL', async () => {
  await using pair = await openPair({ schema })
  const { findings } = await pair.db.install()
  const codes = findings.map(({ code }) => code)
  expect(codes.filter((code) => code === 'TRIGGER_FULL_TEXT')).toHaveLength(3)
  expect(codes).not.toContain('TRIGGER_NOT_CARRIED')
  const search = `SELECT rowid FROM notes_fts WHERE notes_fts MATCH ? ORDER BY rowid`
  await pair.db.setFlags({ reads: { postgres: 100 } })
  await pair.db.flip('postgres')
  await pair.db.run(`INSERT INTO notes (body) VALUES ('a red fox')`)
  await pair.db.run(`UPDATE notes SET body = 'a quick hare' WHERE id = 1`)
  await pair.db.run('DELETE FROM notes WHERE id = 2')
  expect(await pair.db.values('SELECT what FROM log')).toEqual([['gone a lazy dog']])
  await expect(pair.db.values(search, ['fox'])).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
  expect(await pair.differences()).toEqual([])
  await rollback(pair.db)
  await pair.db.setFlags({ reads: { postgres: 0 } })
  await pair.db.run(`INSERT INTO notes_fts (notes_fts) VALUES ('rebuild')`)
  expect(await pair.db.values(search, ['fox'])).toEqual([[3]])
  expect(await pair.db.values(search, ['hare'])).toEqual([[1]])
  expect(await pair.differences()).toEqual([])
})

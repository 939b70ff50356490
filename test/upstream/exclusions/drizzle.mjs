const both = ['sqlite', 'postgres']

/** @type {readonly import('../report.mjs').Exclusion[]} */
export const exclusions = [
  {
    test: /^libsql-batch\.test\.ts: (?:batch api example|insert \+)/,
    places: both,
    why: "a statement without rows answers { changes, lastInsertRowid }, as better-sqlite3 does, and not libsql's ResultSet",
  },
  {
    test: 'libsql.test.ts: common join view as subquery',
    places: ['sqlite'],
    why: 'the suite does not wait for its insert, which a single connection would run before the query after it',
  },
  {
    test: 'libsql.test.ts: insert into ... select',
    places: ['postgres'],
    why: 'it stores current_timestamp, a text, in an INTEGER column, which is bigint on PostgreSQL: SQL_UNSUPPORTED',
  },
  {
    test: 'libsql.test.ts: common insert with onConflict chained (.update -> .update)',
    places: ['postgres'],
    why: 'PostgreSQL takes one ON CONFLICT of a statement: SQL_UNSUPPORTED',
  },
  {
    test: 'libsql.test.ts: common sql.identifier escape',
    places: ['postgres'],
    why: 'it leaves a key NULL that is no INTEGER PRIMARY KEY: SQL_UNSUPPORTED, where the row would be missed',
  },
  {
    test: 'libsql.test.ts: common all types',
    places: ['postgres'],
    why: 'it stores a number as text in a NUMERIC column that was made without a choice of its type: SQL_UNSUPPORTED',
  },
]

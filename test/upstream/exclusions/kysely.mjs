const both = ['sqlite', 'postgres']

/** @type {readonly import('../report.mjs').Exclusion[]} */
export const exclusions = [
  {
    test: /create a temporary (?:table|view)/,
    places: both,
    why: 'a temporary table lives in one connection, and statements run on several: it is refused with SQL_UNSUPPORTED',
  },
  {
    test: 'introspect.test.ts: sqlite: introspect getTables should get table metadata',
    places: both,
    why: 'the suite does not wait for the view that it makes, and a change of the schema takes as long as PostgreSQL does',
  },
  {
    test: /explain test should add explain statement before/,
    places: ['postgres'],
    why: "EXPLAIN without QUERY PLAN shows SQLite's byte code: it is refused with SQL_UNSUPPORTED",
  },
  {
    test: 'insert.test.ts: sqlite: insert into should insert or rollback',
    places: ['postgres'],
    why: 'INSERT OR ROLLBACK ends the transaction around it: it is refused with SQL_UNSUPPORTED',
  },
  {
    test: 'replace.test.ts: sqlite: replace into should insert one row with complex values',
    places: ['postgres'],
    why: 'INSERT OR REPLACE of values that are read from tables that refer to the one replaced in: SQL_UNSUPPORTED',
  },
  {
    test: 'json.test.ts: sqlite json tests should dehydrate Buffer to string in jsonArrayFrom',
    places: ['postgres'],
    why: 'a text of bytes that are not UTF-8 cannot be on PostgreSQL: it is an error',
  },
]

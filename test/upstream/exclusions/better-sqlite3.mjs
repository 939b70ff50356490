const everywhere = ['synchronous', 'sqlite', 'postgres']
const asynchronous = ['sqlite', 'postgres']

/** @type {readonly import('../report.mjs').Exclusion[]} */
export const exclusions = [
  {
    test: "11.database.close.js: Database#close() should delete the database's associated temporary files",
    places: everywhere,
    why: 'Lockstep has connections of its own to the file, which it closes after close() has returned',
  },
  {
    test: /^12\.database\.pragma\.js: .* should (?:obey PRAGMA changes|respect readonly connections)$/,
    places: everywhere,
    why: 'they expect the journal to be no WAL, which Lockstep needs',
  },
  {
    test: /^13\.database\.prepare\.js: .* should (?:create a prepared Statement object|set the correct values)/,
    places: everywhere,
    why: 'the class of a statement has a name of its own: SyncStatement, AsyncStatement',
  },
  {
    test: '36.database.backup.js: Database#backup() should accept the "attached" option',
    places: ['synchronous'],
    why: 'it opens a database in memory, which Lockstep has none of',
  },
  {
    test: /^11\.database\.close\.js: .* should prevent any/,
    places: asynchronous,
    why: 'a call after close() is a LockstepError, and bind() alone calls nothing',
  },
  {
    test: /^13\.database\.prepare\.js: .* should throw an exception if (?:invalid|no|more)/,
    places: asynchronous,
    why: 'preparing asks no database: what is wrong with a statement is said by its first call',
  },
  {
    test: '12.database.pragma.js: Database#pragma() should throw an exception if invalid/redundant SQL is provided',
    places: asynchronous,
    why: 'several statements where one is taken are a TypeError of Lockstep, not a RangeError',
  },
  {
    test: /^20\.statement\.run\.js: .* should (?:work with BEGIN and COMMIT|allow ad-hoc transactions)$/,
    places: asynchronous,
    why: 'BEGIN as a statement is refused with what to use, as others share the connection',
  },
  {
    test: /^23\.statement\.iterate\.js: .* should (?:throw an exception when|return an iterator|accept bind)/,
    places: asynchronous,
    why: 'an asynchronous iterator runs nothing before its first row is asked for, and a statement is never busy',
  },
  {
    test: '24.statement.bind.js: Statement#bind() should throw an exception when invalid parameters are given',
    places: asynchronous,
    why: 'parameters are looked at by the call, as bind() asks no database',
  },
  {
    test: /^30\.database\.transaction\.js: .* (?:nested within other|partial rollbacks|rolled back internally)/,
    places: asynchronous,
    why: 'they start nested transactions by map() and reduce(), which cannot wait for one before the next',
  },
  {
    test: /^3[23]\.database\..* should (?:accept a "varargs"|close a statement iterator|not affect external)/,
    places: asynchronous,
    why: 'the functions that SQLite calls were made asynchronous as well, or SQLite is expected to be busy',
  },
  {
    test: /^33\.database\.aggregate\.js: .* (?:if the database is busy|to become busy)/,
    places: asynchronous,
    why: 'SQLite is expected to be busy, which an asynchronous call waits for',
  },
  {
    test: /^40\.bigints\.js: .* (?:virtual tables|the default setting)/,
    places: asynchronous,
    why: 'virtual tables are refused, and functions take the numbers that their connection has',
  },
]

import { createRandom } from '../../src/demo/random.ts'

/** One statement of an operation, as `db.run` and `db.batch` take it. */
export interface Statement {
  readonly sql: string
  readonly params: readonly (string | number | null)[]
}

/** What the application does at once: one statement, or several in a transaction. */
export type Operation = readonly Statement[]

export const schema = /* sql */ `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, n INTEGER NOT NULL, share REAL);
  CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, amount INTEGER NOT NULL, body TEXT);
  CREATE INDEX entries_by_account ON entries (account);
  CREATE TABLE pairs (a TEXT NOT NULL, b INTEGER NOT NULL, v TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE loose (word TEXT, n INTEGER);
  CREATE TABLE bulk (id INTEGER PRIMARY KEY, v TEXT);
`

/** The columns that the application sees, and an order in which rows can be compared. */
export const tables = {
  accounts: ['id', 'code', 'n', 'share'],
  entries: ['id', 'account', 'amount', 'body'],
  pairs: ['a', 'b', 'v'],
  loose: ['word', 'n'],
  bulk: ['id', 'v'],
} as const

const seeded = 12

/** The rows that are there before the first operation; `bulk` of them are there to be many. */
export function seedRows(bulk: number): Operation {
  const rows: Statement[] = [
    {
      sql: `WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?)
        INSERT INTO bulk (id, v) SELECT id, 'row ' || id FROM ids`,
      params: [bulk],
    },
  ]
  for (let id = 1; id <= seeded; id++) {
    rows.push(insertAccount(id), {
      sql: 'INSERT INTO entries (id, account, amount, body) VALUES (?, ?, ?, ?)',
      params: [id, id, 10 * id, `entry ${id}`],
    })
    rows.push({ sql: 'INSERT INTO pairs (a, b, v) VALUES (?, ?, ?)', params: [`k${id}`, id, null] })
    rows.push({ sql: 'INSERT INTO loose (word, n) VALUES (?, ?)', params: [`word ${id}`, id] })
  }
  return rows
}

/**
 * Operations of every kind in turn, over rows that a seeded generator chooses. Each is written so that
 * running it twice, or in part, leaves other rows than running it once.
 */
export function makeOperations(seed: number, count: number): Operation[] {
  const random = createRandom(seed)
  const codes = new Map(Array.from({ length: seeded }, (_, index) => [index + 1, code(index + 1)]))
  return Array.from({ length: count }, (_, index) => {
    const row = random.integer(1, seeded)
    const other = (row % seeded) + 1
    const kind = kinds[index % kinds.length] as Kind
    return kind({ fresh: 1000 * seed + index, row, other, codes })
  })
}

/** Operations that nothing can refuse, whatever happened before them. */
export function makeSafeOperations(from: number, count: number): Operation[] {
  return Array.from({ length: count }, (_, index) => {
    const fresh = from + index
    return [
      insertAccount(fresh),
      {
        sql: 'INSERT INTO entries (id, account, amount, body) VALUES (?, ?, ?, ?)',
        params: [fresh, fresh, index, null],
      },
      add(1 + (index % seeded), 1),
    ]
  })
}

/** How many operations hold one of each kind. */
export const oneOfEach = 8

interface Chosen {
  /** A key that no other operation uses. */
  readonly fresh: number
  readonly row: number
  readonly other: number
  /** The unique value that each seeded account holds by now. */
  readonly codes: Map<number, string>
}
type Kind = (chosen: Chosen) => Operation

const kinds: readonly Kind[] = [
  ({ fresh }) => [insertAccount(fresh)],
  // Several rows of several tables, which belong together.
  ({ fresh, row, other }) => [
    add(row, -7),
    add(other, 7),
    {
      sql: 'INSERT INTO entries (id, account, amount, body) VALUES (?, ?, ?, ?)',
      params: [fresh, row, 7, 'moved'],
    },
  ],
  // Two rows swap a unique value: neither can be applied before the other.
  ({ fresh, row, other, codes }) => {
    const [mine, theirs] = [codes.get(row) as string, codes.get(other) as string]
    codes.set(row, theirs).set(other, mine)
    return [setCode(`held ${fresh}`, row), setCode(mine, other), setCode(theirs, row)]
  },
  ({ row }) => [add(row, 1)],
  // The key of a row changes, so two keys do.
  ({ row }) => [{ sql: 'UPDATE pairs SET b = b + 100, v = a WHERE a = ?', params: [`k${row}`] }],
  // The second statement meets a constraint, so the first must be nowhere.
  ({ fresh, row }) => [
    add(row, 1_000_000),
    insertAccount(fresh),
    { sql: 'INSERT INTO accounts (id, code, n) VALUES (?, ?, 0)', params: [fresh, 'doubled'] },
  ],
  // Takes its entries with it.
  ({ row }) => [{ sql: 'DELETE FROM accounts WHERE id = ?', params: [row] }],
  ({ fresh }) => [
    { sql: 'DELETE FROM loose WHERE n = ?', params: [fresh % seeded] },
    { sql: 'INSERT INTO loose (word, n) VALUES (?, ?)', params: [`fresh ${fresh}`, fresh] },
  ],
]

function insertAccount(id: number): Statement {
  return {
    sql: 'INSERT INTO accounts (id, code, n, share) VALUES (?, ?, ?, ?)',
    params: [id, code(id), 0, id / 8],
  }
}

function add(id: number, amount: number): Statement {
  return { sql: 'UPDATE accounts SET n = n + ? WHERE id = ?', params: [amount, id] }
}

function code(id: number): string {
  return `code ${id}`
}

function setCode(code: string, id: number): Statement {
  return { sql: 'UPDATE accounts SET code = ? WHERE id = ?', params: [code, id] }
}

/** The state that generated statements run over: every affinity, NULLs, ties, keys of each kind. */
export const fuzzSchema: string = `
CREATE TABLE items (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, label TEXT, qty INTEGER, price REAL,
  amount NUMERIC, active BOOLEAN NOT NULL DEFAULT 1, data BLOB, code TEXT COLLATE NOCASE,
  made_at TEXT, meta TEXT);
CREATE INDEX items_qty ON items (qty);
CREATE UNIQUE INDEX items_name ON items (name);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT, item_id INTEGER REFERENCES items (id) ON DELETE CASCADE,
  qty INTEGER NOT NULL DEFAULT 1, note TEXT, total REAL, placed_at INTEGER);
CREATE TABLE tags (tag TEXT NOT NULL, kind TEXT NOT NULL, weight INTEGER, PRIMARY KEY (tag, kind)) WITHOUT ROWID;
CREATE TABLE logs (level TEXT, message TEXT, n INTEGER);
CREATE TABLE figures (id INTEGER PRIMARY KEY, v, wide NUMERIC);
INSERT INTO items VALUES
  (1,'apple','red',5,1.5,10,1,x'00FF','Ab','2024-01-15 10:30:00','{"a":1,"b":[1,2],"c":"x"}'),
  (2,'Banana',NULL,5,2.25,2.5,1,NULL,'aB','2024-02-29 23:59:59','{"a":2.5,"c":null}'),
  (3,'cherry','Red',NULL,NULL,-3,0,x'','c','2023-12-31 00:00:00',NULL),
  (4,'date','',0,0.0,NULL,1,x'414243',NULL,NULL,'{"b":[],"d":true}'),
  (5,'Élan','10',-7,-2.5,7,0,NULL,'10','2024-01-15','[1,2,3]'),
  (6,'fig_1','3.5',100,1e10,0.1,1,x'DEADBEEF','É','1705314600','{"a":"1"}'),
  (7,'grape%','abc',9007199254740993,0.1,5,0,NULL,'','2024-01-15T10:30:00Z','{}'),
  (8,'APPLE',' x ',3,3.0,5,1,NULL,'AB','10:30','{"a":-1}');
INSERT INTO orders VALUES
  (1,1,2,'first',3.0,1705314600),(2,1,1,NULL,1.5,1705400000),(3,2,10,'Bulk',22.5,NULL),
  (4,NULL,1,'orphan',NULL,0),(5,5,3,'5',-7.5,1708000000),(6,8,3,'apple',9.0,1708000000),(9,2,1,'bulk',0.0,1);
INSERT INTO tags VALUES ('red','colour',1),('red','mood',2),('big','size',NULL),('Big','size',5),('10','size',3);
INSERT INTO figures VALUES (1,1,9007199254740993),(2,1.0,0.5),(3,2.5,NULL),(4,NULL,3),(5,-7.0,1e300),(6,3,-1.25),(7,0.1,0.1);
INSERT INTO logs VALUES ('info','start',1),('warn','apple',2),(NULL,NULL,NULL),('info','start',1),('error','É',-5);
`

type FuzzClass = 'integer' | 'real' | 'numeric' | 'text' | 'blob' | 'boolean' | 'time' | 'json'

export interface FuzzColumn {
  readonly name: string
  readonly class: FuzzClass
}

export interface FuzzTable {
  readonly name: string
  readonly columns: readonly FuzzColumn[]
}

const table = (name: string, columns: Readonly<Record<string, FuzzClass>>): FuzzTable => ({
  name,
  columns: Object.entries(columns).map(([column, kind]) => ({ name: column, class: kind })),
})

export const fuzzTables: readonly FuzzTable[] = [
  table('items', {
    id: 'integer',
    name: 'text',
    label: 'text',
    qty: 'integer',
    price: 'real',
    amount: 'numeric',
    active: 'boolean',
    data: 'blob',
    code: 'text',
    made_at: 'time',
    meta: 'json',
  }),
  table('orders', {
    id: 'integer',
    item_id: 'integer',
    qty: 'integer',
    note: 'text',
    total: 'real',
    placed_at: 'integer',
  }),
  table('tags', { tag: 'text', kind: 'text', weight: 'integer' }),
  table('logs', { level: 'text', message: 'text', n: 'integer' }),
  table('figures', { id: 'integer', v: 'numeric', wide: 'numeric' }),
]

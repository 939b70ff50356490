import type { Relation, RelationColumn } from '../catalog.ts'

function column(name: string, declaredType: 'TEXT' | 'INT'): RelationColumn {
  return {
    name,
    postgresName: name,
    declaredType,
    affinity: declaredType === 'TEXT' ? 'text' : 'integer',
    postgresType: declaredType === 'TEXT' ? 'text' : 'bigint',
    notNull: false,
    refusesNull: false,
    defaultSql: null,
    collation: 'BINARY',
    generated: false,
    hasDefault: false,
  }
}

/** https://www.sqlite.org/schematab.html: a view of the compatibility schema has it. */
export const sqliteMaster: Relation = {
  kind: 'view',
  name: 'sqlite_master',
  postgresName: 'sqlite_master',
  columns: [
    column('type', 'TEXT'),
    column('name', 'TEXT'),
    column('tbl_name', 'TEXT'),
    column('rootpage', 'INT'),
    column('sql', 'TEXT'),
  ],
  rowid: null,
  autoincrement: false,
  uniqueKeys: [],
  isReferenced: false,
  hasTriggers: false,
  checks: null,
  hasConflictClauses: false,
}

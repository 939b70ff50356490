import { expect, test } from 'vitest'
import { pragmaRole } from '../../src/sql/pragma-role.ts'

test.each([
  ['PRAGMA auto_vacuum = INCREMENTAL', 'setting'],
  ['PRAGMA page_size = 8192', 'setting'],
  ['PRAGMA recursive_triggers = ON', 'semantics'],
  ['PRAGMA schema_version = 7', 'semantics'],
])('%s is %s, as how the file is laid out changes no meaning', (sql, role) => {
  expect(pragmaRole(sql)?.role).toBe(role)
})

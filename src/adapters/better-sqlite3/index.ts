export { asyncDatabase, AsyncDatabase, type AsyncTransaction } from './async-database.ts'
export { AsyncStatement, type ColumnDefinition } from './async-statement.ts'
export { syncDatabase, type SyncDatabase } from './sync-database.ts'

/**
 * Stands for the drivers of other databases, which a suite imports and whose part is not run. Kysely's tests of
 * transactions watch these methods of the driver of Microsoft's server on every database.
 */
export class Connection {
  beginTransaction(): void {}
  commitTransaction(): void {}
  rollbackTransaction(): void {}
  saveTransaction(): void {}
}

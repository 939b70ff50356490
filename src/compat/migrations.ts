/**
 * Raise it with every change of a file that has been released. What was made by an older version is brought
 * up to it by `migrations` and then by the files themselves.
 */
export const compatVersion = 1

export interface CompatMigration {
  /** The version that it leads to. */
  readonly version: number
  /** Runs before the files: what `CREATE OR REPLACE` cannot do, such as a function's new result type. */
  readonly sql: string
}

/**
 * A function that an index, a CHECK, a generated column or a view of the application may use is
 * never dropped and never given another result: it would break these, or make them wrong without notice.
 */
export const migrations: readonly CompatMigration[] = []

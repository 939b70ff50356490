import { existsSync } from 'node:fs'

/** The binaries of PostgreSQL 15 as Debian's package `postgresql-15` installs them, or null. */
export function postgres15Bindir(): string | null {
  const bindir = '/usr/lib/postgresql/15/bin'
  return existsSync(`${bindir}/initdb`) ? bindir : null
}

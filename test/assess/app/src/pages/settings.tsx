import type { ReactNode } from 'react'

/** What reads like SQL to the grammar, and is prose. */
const labels = ['Select a user from the list', 'Delete from history', 'begin', 'update', 'with care', 'end of story']

export function Settings({ name = 'drop table users' }: { name?: string }): ReactNode {
  const map = new Map<string, string>([['analyze', 'select one']])
  map.get('commit')
  return <section title="Select a row from users">{labels.map((label) => <p key={label}>{label} {name} {`Update ${name} and set it`}</p>)}</section>
}

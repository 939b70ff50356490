/** The operators of SQLite's parser that compare two values, `IS` and `IS NOT` among them. */
export const comparisonOperators: ReadonlySet<string> = new Set([
  'Equals',
  'NotEquals',
  'Less',
  'LessEquals',
  'Greater',
  'GreaterEquals',
  'Is',
  'IsNot',
])

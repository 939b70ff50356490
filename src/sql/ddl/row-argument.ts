import type { Affinity } from '../../values/value.ts'
import type { ParameterClass, ResultColumn } from '../translation.ts'

/** A value of a row as a trigger's commands take it: the text of a value of its class. */
export interface RowArgument {
  /** PostgreSQL's expression, of type text. */
  readonly sql: string
  readonly class_: ParameterClass
}

/**
 * @param sql a column of a translated query
 * @param affinity that SQLite applies to the value first, `none` where it applies none
 * @returns null where that cannot be done
 * https://www.sqlite.org/datatype3.html#determination_of_column_affinity
 */
export function rowArgument(
  sql: string,
  decoder: ResultColumn['decoder'],
  affinity: Affinity | 'none',
): RowArgument | null {
  switch (decoder) {
    case 'null':
      return { sql: 'NULL', class_: 'null' }
    case 'blob':
      return { sql: `${sql}::bytea::text`, class_: 'blob' }
    case 'boolean':
      return integer(`${sql}::int::bigint`, affinity)
    case 'integer':
      return integer(`${sql}::bigint`, affinity)
    case 'real':
      return real(`nullif(${sql}::float8, 'NaN')`, affinity)
    case 'numeric':
      return numeric(sql, affinity)
    case 'text':
      return text(`${sql}::text`, affinity)
    case 'numeric-text':
      return text(`${sql}::text`, 'numeric')
    case 'dynamic':
      return affinity === 'none' || affinity === 'blob'
        ? { sql: `${sql}::json::text`, class_: 'dynamic' }
        : null
    case 'node':
    case 'node-text':
    case 'instant':
      return null
    default:
      return decoder satisfies never
  }
}

function integer(sql: string, affinity: Affinity | 'none'): RowArgument {
  if (affinity === 'text') return { sql: `${sql}::text`, class_: 'text' }
  if (affinity === 'real') return { sql: `${sql}::float8::text`, class_: 'real' }
  return { sql: `${sql}::text`, class_: 'integer' }
}

function real(sql: string, affinity: Affinity | 'none'): RowArgument {
  if (affinity === 'text') return { sql: `sqlite.real_text(${sql})`, class_: 'text' }
  if (affinity !== 'integer' && affinity !== 'numeric')
    return { sql: `${sql}::text`, class_: 'real' }
  return { sql: `sqlite.dynamic_numeric(${sql})::text`, class_: 'dynamic' }
}

function numeric(sql: string, affinity: Affinity | 'none'): RowArgument {
  if (affinity === 'text') return { sql: `sqlite.numeric_text(${sql})`, class_: 'text' }
  if (affinity === 'real') return { sql: `${sql}::float8::text`, class_: 'real' }
  return { sql: `sqlite.dynamic_numeric(${sql})::text`, class_: 'dynamic' }
}

function text(sql: string, affinity: Affinity | 'none'): RowArgument | null {
  if (affinity === 'real') return null
  if (affinity !== 'integer' && affinity !== 'numeric') return { sql, class_: 'text' }
  return { sql: `sqlite.apply_numeric(${sql})::text`, class_: 'dynamic' }
}

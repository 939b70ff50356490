import type { Catalog } from '../catalog.ts'
import { cleanSql, parseStatements } from '../parser.ts'
import type { ParameterClass, Translation, Translator } from '../translation.ts'
import { createParameters } from './parameters.ts'
import { unsupported } from './refuse.ts'

/** Good for one version of the catalog: make another one when it changes. */
export function createTranslator(catalog: Catalog): Translator {
  return {
    translate: (sql, classes) => translate(sql, classes, catalog),
  }
}

function translate(sql: string, classes: readonly ParameterClass[], catalog: Catalog): Translation {
  const text = cleanSql(sql)
  const [statement] = parseStatements(text)
  createParameters(classes)
  throw unsupported(text, statement?.type ?? String(catalog.version), 0, 'It is not there yet')
}

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

interface Document {
  readonly paths: Readonly<
    Record<string, Record<string, { readonly responses: Record<string, { content?: object }> }>>
  >
}

/**
 * Holds answers against the OpenAPI document of the server that gave them. OpenAPI 3.1 has JSON Schema itself, so a
 * validator of JSON Schema reads it as it is.
 * @throws where the document has no such answer, or another form of it
 */
export function describedBy(
  document: unknown,
): (method: string, path: string, status: number, body: unknown) => void {
  const { paths } = document as Document
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema({ ...(document as object), $id: 'document' })
  const known = new Map<string, ValidateFunction>()
  return (method, path, status, body) => {
    const [route = ''] = path.split('?')
    const operation = paths[route]?.[method.toLowerCase()]
    // What is no route has no description, and neither has the answer that says so.
    if (operation === undefined) return
    const at = ['paths', route, method.toLowerCase(), 'responses', String(status)]
    if (operation.responses[status]?.content === undefined)
      throw new Error(`The document has no answer ${status} of ${method} ${route}`)
    const pointer = [...at, 'content', 'application/json', 'schema']
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .join('/')
    const validate = known.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` })
    known.set(pointer, validate)
    if (!validate(body))
      throw new Error(
        `${method} ${path} answered ${status} in another form than the document has: ${ajv.errorsText(validate.errors)}`,
      )
  }
}

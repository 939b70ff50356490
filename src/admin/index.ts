export { createAdmin, type AdminOptions } from './admin.ts'
export type { Authorize, Role, Tokens } from './access.ts'

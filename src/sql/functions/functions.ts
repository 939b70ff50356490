import { basicFunctions } from './basic.ts'
import { createRegistry, type FunctionRegistry } from './registry.ts'

/** All of SQLite's functions that have a faithful form. A group is one file of this folder. */
export const functions: FunctionRegistry = createRegistry([basicFunctions])

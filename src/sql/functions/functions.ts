import { aggregateFunctions } from './aggregate.ts'
import { choosingFunctions } from './choose.ts'
import { dateFunctions } from './date.ts'
import { displayFunctions } from './display.ts'
import { jsonFunctions } from './json.ts'
import { jsonGroupFunctions } from './json-group.ts'
import { jsonbFunctions } from './jsonb.ts'
import { numberFunctions } from './number.ts'
import { randomFunctions } from './random.ts'
import { refusedFunctions } from './refused.ts'
import { createRegistry, type FunctionRegistry } from './registry.ts'
import { textFunctions } from './text.ts'
import { windowFunctions } from './window.ts'

/** All of SQLite's functions, those without a faithful form as refusals. A group is one file of this folder. */
export const functions: FunctionRegistry = createRegistry([
  textFunctions,
  numberFunctions,
  dateFunctions,
  jsonFunctions,
  jsonGroupFunctions,
  jsonbFunctions,
  aggregateFunctions,
  windowFunctions,
  choosingFunctions,
  displayFunctions,
  randomFunctions,
  refusedFunctions,
])

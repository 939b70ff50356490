export { lockstepClient } from './client.ts'

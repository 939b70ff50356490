import type { Gate } from '../api.ts'

/** One gate with its figure; it holds where the figure is the bound, unless `ok` says otherwise. */
export function gate(
  name: string,
  value: Gate['value'],
  bound: Gate['bound'],
  detail: string,
  ok: boolean = value === bound,
): Gate {
  return { name, ok, value, bound, detail }
}

/** @see flat.mjs */
export function grown(
  samples: readonly Readonly<Record<string, number>>[],
): { figure: string; from: number; to: number; isFlat: boolean }[]

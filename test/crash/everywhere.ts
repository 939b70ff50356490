/**
 * Whether to kill everywhere: `npm run crash` does, and takes about ten minutes. `npm run test:long` hits every
 * named point too, in both directions of a flip, but not each time that it comes by.
 */
export const everywhere: boolean = process.env['LOCKSTEP_CRASH'] === 'all'

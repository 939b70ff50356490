/** @type {readonly import('../report.mjs').Exclusion[]} */
export const exclusions = []

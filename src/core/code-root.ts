/** The folder of Lockstep's code, with the files that are no modules: two levels up from here, built, bundled or neither. */
export const codeRoot: URL = new URL('../', import.meta.url)

import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** `npm run fidelity`: everything, on one server, with no bound on its time. */
const config: ViteUserConfig = defineConfig({
  test: {
    name: 'fidelity',
    include: ['test/fidelity/measure.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 0,
    hookTimeout: 0,
  },
})
export default config

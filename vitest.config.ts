import { defineConfig } from 'vitest/config'

export default defineConfig({
  // `phigrad` and `phigrad/nn` in tests and examples mean src.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    typecheck: {
      enabled: true,
      include: ['test/types/*.test-d.ts'],
      tsconfig: 'test/types/tsconfig.json',
      ignoreSourceErrors: true,
    },
    pool: 'forks',
    execArgv: ['--expose-gc'],
  },
})

import { defineConfig } from 'vitest/config'
import LongestFirst from './test/longestFirst.ts'

// As bin/earshot.js has it, for the processes of the test files.
process.env['UV_THREADPOOL_SIZE'] ??= '32'

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', '../console/test/**/*.test.ts'],
    exclude: ['**/*.cluster.test.ts'],
    globalSetup: ['test/globalSetup.ts'],
    // The embedded engines are native and per process: every test file has a process of its own.
    pool: 'forks',
    // More than two cores have work for: many tests wait for programs that start, stop and are killed.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/slowestFiles.ts'],
    // Many times what anything takes, also on a machine that is busy with other work: what waits so long has failed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 180_000 } },
  },
})

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'oxlint'

interface Restriction {
  regex: string
  message: string
  allowTypeImports?: boolean
}

/** Each driver stands behind one file, so that replacing it changes one file. */
const drivers: Record<string, Restriction> = {
  'server/src/store/clickhouse/embeddedClickHouse.ts': {
    regex: '^chdb(/|$)',
    message: 'Only store/clickhouse/embeddedClickHouse.ts imports the embedded ClickHouse.',
  },
  'server/src/store/clickhouse/nodes.ts': {
    regex: '^@clickhouse/',
    message: 'Only store/clickhouse/nodes.ts imports the client of ClickHouse.',
  },
  'server/src/store/s3/s3.ts': { regex: '^aws4fetch$', message: 'Only store/s3/s3.ts speaks with S3.' },
  'server/src/store/postgres/postgres.ts': {
    regex: '^pg$',
    allowTypeImports: true,
    message: 'Only store/postgres/postgres.ts imports the driver of PostgreSQL.',
  },
}

const noFastify: Restriction = {
  regex: '^@?fastify(/|-|$)',
  allowTypeImports: true,
  message: 'Only api/ imports Fastify.',
}

function above(files: string, message: string, allowTypeImports = false): Restriction {
  return { regex: `^(\\.{1,2}/)+(${files})(/|\\.ts$)`, message, allowTypeImports }
}

const opened = above('compose|control', 'What is opened is handed down as ports; nothing below opens it.')
const surfaces = readdirSync(join(import.meta.dirname, 'server/src/api'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'http' && entry.name !== 'errors')
  .map((entry) => entry.name)
const noSurface: Restriction = {
  regex: `^\\.\\./(${surfaces.join('|')})/`,
  message: 'Surfaces do not import each other; what they share stands in api/http and api/errors.',
}
const noCommandLine = above('cli|main', 'api/ does not know the command line.')
const recordLogFace: Restriction = {
  regex: '/recordLog/[A-Za-z]+/',
  message: 'The rooms of recordLog/ are its own; import a file that stands in recordLog/ itself.',
}

/** An override that forbids imports in some files; the drivers that belong elsewhere are always forbidden. */
function restrict(files: string[], patterns: Restriction[], rules: Record<string, unknown> = {}): object {
  const elsewhere = Object.entries(drivers).flatMap(([file, driver]) => (files.includes(file) ? [] : [driver]))
  return { files, rules: { ...rules, 'no-restricted-imports': ['error', { patterns: [...elsewhere, ...patterns] }] } }
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node'],
  options: { typeAware: true },
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'no-console': 'error',
    'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    'no-shadow': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'typescript/consistent-return': 'off',
    'promise/always-return': 'off',
    'no-unmodified-loop-condition': 'off',
  },
  ignorePatterns: ['node_modules', '/data'],
  overrides: [
    restrict(['server/src/**'], [noFastify, recordLogFace], { 'node/no-process-env': 'error' }),
    { files: ['server/src/config.ts'], rules: { 'node/no-process-env': 'off' } },
    restrict(
      ['server/src/ports.ts'],
      [noFastify, above('features|api|cli|compose|main', 'ports.ts knows no feature.')],
    ),
    restrict(
      ['server/src/domain/**'],
      [
        noFastify,
        above(
          'store|recordLog|features|api|cli|compose|ports|main|control|context|config|log',
          'domain/ stands below everything else.',
        ),
        {
          regex:
            '^node:(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|cluster|readline|process)(/|$)',
          message: 'domain/ has no input or output.',
        },
      ],
    ),
    restrict(
      ['server/src/store/**'],
      [
        noFastify,
        above(
          'recordLog|features|api|cli|compose|ports|main|control|context',
          'store/ stands below the features; it knows neither them nor the ports.',
        ),
      ],
    ),
    restrict(
      ['server/src/recordLog/**'],
      [noFastify, above('features|api|cli|main', 'recordLog/ stands below features/, api/ and cli/.'), opened],
    ),
    restrict(
      ['server/src/features/**'],
      [noFastify, above('api|cli|main', 'features/ stands below api/ and the command line.'), opened, recordLogFace],
    ),
    restrict(['server/src/api/*.ts', 'server/src/api/http/**', 'server/src/api/errors/**'], [noCommandLine, opened]),
    restrict(
      surfaces.map((name) => `server/src/api/${name}/**`),
      [
        noCommandLine,
        opened,
        noSurface,
        above('store', 'A surface calls a feature; it holds no SQL and touches no store.'),
      ],
    ),
    restrict(['server/src/api/health/**'], [noCommandLine, opened, noSurface]),
    ...Object.keys(drivers).map((file) => restrict([file], [noFastify])),
    { files: ['server/src/store/postgres/embeddedPostgresServer.ts'], rules: { 'node/no-process-env': 'off' } },
    {
      files: [
        'bin/**',
        'server/test/**',
        'console/test/**',
        'server/bench/**',
        '**/*.test.ts',
        'server/src/api/http/testFrame.ts',
        'server/src/api/http/testSurface.ts',
        'oxlint.config.ts',
      ],
      rules: {
        'no-restricted-imports': 'off',
        'node/no-process-env': 'off',
        'unicorn/consistent-function-scoping': 'off',
      },
    },
    {
      files: ['console/src/**'],
      plugins: ['typescript', 'import', 'unicorn', 'promise', 'react', 'jsx-a11y'],
      rules: {
        'import/no-unassigned-import': ['error', { allow: ['**/*.css'] }],
        'react/react-in-jsx-scope': 'off',
        'react/rules-of-hooks': 'error',
        'react/exhaustive-deps': 'error',
        'react/exhaustive-effect-dependencies': 'off',
        'react/set-state-in-effect': 'off',
        'jsx-a11y/no-autofocus': 'off',
      },
    },
    {
      files: ['**/*.test.ts'],
      rules: { 'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }] },
    },
  ],
})

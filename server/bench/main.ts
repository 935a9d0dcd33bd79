import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureCalls } from './calls.ts'
import { measureChanges } from './changes.ts'
import { measureAnalytics } from './analytics.ts'
import { measureDatasets } from './datasets.ts'
import { measureExports } from './exports.ts'
import { measureFeed } from './feed.ts'
import { measureConsole } from './console.ts'
import { measureFormats } from './formats.ts'
import { measureBulk } from './ingestBulk.ts'
import { measureSingles } from './ingestSingle.ts'
import { tableOf, type BenchOptions, type Result } from './measure.ts'
import { measureRetentionAlone } from './retention.ts'
import { measureScale } from './scale.ts'
import { measureStorage } from './storage.ts'
import { measureWebhooks } from './webhooks.ts'

const usage = `npm run bench -- [--only bulk|singles|exports|datasets|formats|analytics|feed|changes|calls|console|webhooks|storage|retention|scale] [--calls NUMBER] [--json FILE]
  --only   one measurement; all but analytics, console, formats, retention, storage and scale by default, which take long
  --calls  how many calls exports, analytics, storage and scale are measured over (2, 10, 5 and 20 million); scales the others too
  --json   also writes the figures to a file`

const measurements: Record<string, { calls: number; measure: (options: BenchOptions) => Promise<Result> }> = {
  bulk: { calls: 240_000, measure: measureBulk },
  singles: { calls: 50_000, measure: measureSingles },
  exports: { calls: 2_000_000, measure: measureExports },
  datasets: { calls: 500_000, measure: measureDatasets },
  formats: { calls: 2_000_000, measure: measureFormats },
  analytics: { calls: 10_000_000, measure: measureAnalytics },
  feed: { calls: 1_000_000, measure: measureFeed },
  calls: { calls: 2_000_000, measure: measureCalls },
  changes: { calls: 1_000_000, measure: measureChanges },
  console: { calls: 2_000_000, measure: measureConsole },
  webhooks: { calls: 12_000, measure: measureWebhooks },
  storage: { calls: 5_000_000, measure: measureStorage },
  retention: { calls: 50_000, measure: measureRetentionAlone },
  scale: { calls: 20_000_000, measure: measureScale },
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, calls: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
})
const names = values.only
  ? values.only.split(',')
  : ['bulk', 'singles', 'exports', 'datasets', 'feed', 'calls', 'webhooks']
const unknown = names.find((name) => !(name in measurements))
if (values.help || unknown !== undefined) {
  process.stdout.write(`${unknown === undefined ? '' : `There is no measurement ${unknown}.\n`}${usage}\n`)
  process.exit(unknown === undefined ? 0 : 1)
}

const results: Result[] = []
for (const name of names) {
  const entry = measurements[name]
  if (!entry) continue
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bench-'))
  try {
    const scale = values.calls === undefined ? 1 : Number(values.calls) / entry.calls
    const result = await entry.measure({ scale, directory })
    results.push(result)
    process.stdout.write(`${tableOf(result)}\n`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
const report = { cores: availableParallelism(), node: process.version, results }
if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
else process.stdout.write(`${JSON.stringify(report)}\n`)

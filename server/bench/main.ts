import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureExports } from './exports.ts'
import { measureBulk } from './ingestBulk.ts'
import { measureSingles } from './ingestSingle.ts'
import { tableOf, type BenchOptions, type Result } from './measure.ts'
import { measureStorage } from './storage.ts'

const usage = `npm run bench -- [--only bulk|singles|exports|storage] [--calls NUMBER] [--json FILE]
  --only   one measurement; all but storage by default, which takes long
  --calls  how many calls exports and storage are measured over (2,000,000 and 5,000,000); scales the others too
  --json   also writes the figures to a file`

const measurements: Record<string, { calls: number; measure: (options: BenchOptions) => Promise<Result> }> = {
  bulk: { calls: 240_000, measure: measureBulk },
  singles: { calls: 50_000, measure: measureSingles },
  exports: { calls: 2_000_000, measure: measureExports },
  storage: { calls: 5_000_000, measure: measureStorage },
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, calls: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
})
const names = values.only ? values.only.split(',') : ['bulk', 'singles', 'exports']
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

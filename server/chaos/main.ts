import { parseArgs } from 'node:util'
import { runChaos } from './runChaos.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const print = (line: string) => process.stdout.write(`${line}\n`)
const { blows, leftOut, ...figures } = await runChaos(
  { minutes: Number(values.minutes), seed: Number(values.seed) },
  print,
)
for (const what of leftOut) print(`left out: ${what}`)
print('\n| Harm | Times | Longest until ready |\n|---|---|---|')
for (const [name, { count, longestSeconds }] of Object.entries(blows)) {
  print(`| ${name} | ${count} | ${longestSeconds.toFixed(1)} s |`)
}
print(
  `\n${figures.acknowledged} calls acknowledged in ${figures.answered} answers (${figures.repeated} tries were told to come ` +
    `again or had no answer); lost ${figures.lost.length}, doubled ${figures.doubled.length}, not as last acknowledged ` +
    `${figures.changed.length}, wrong answers ${figures.wrong.length}`,
)
for (const fault of [...figures.wrong, ...figures.lost, ...figures.doubled, ...figures.changed].slice(0, 50))
  print(fault)
if (figures.wrong.length + figures.lost.length + figures.doubled.length + figures.changed.length > 0)
  process.exitCode = 1

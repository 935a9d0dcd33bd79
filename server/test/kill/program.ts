import { openSync } from 'node:fs'
import { buildServer, listen } from '../../src/api/http/server.ts'
import { surfaces } from '../../src/api/surfaces.ts'
import { openPorts } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'
import { readWatermark } from '../../src/recordLog/watermark.ts'
import { openLog } from '../../src/log.ts'
import { steps, watchSteps } from './steps.ts'

// The server as `earshot serve` runs it, with its steps watched from outside. Arguments: the file for the phase, and
// optionally a step (its place in the list) and how often it comes before the process kills itself. Tells its parent
// an account's watermark when asked.
const [phasePath = '', step = '', count = '1'] = process.argv.slice(2)
const config = loadConfig()
const ports = await openPorts(config, openLog(config), () => process.exit(3))
const aimed = step === '' ? undefined : steps[Number(step)]
watchSteps(ports, {
  phaseFile: openSync(phasePath, 'r+'),
  aim: aimed === undefined ? undefined : { step: aimed, count: Number(count) },
})
const server = await buildServer(ports, surfaces)
process.on('message', (accountId) => {
  readWatermark(ports, Number(accountId)).then(
    (watermark) => process.send?.(watermark),
    () => process.send?.(null),
  )
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
await listen(server, config)

import { loadConfig, type Config } from '../config.ts'
import { counted } from '../domain/amounts.ts'
import { checkPort, checkPublicUrl, checkTls } from './checks/address.ts'
import { fail, findingOf, ok, type Finding } from './checks/check.ts'
import { checkPackages, checkStores } from './checks/engines.ts'
import { checkFiles } from './checks/files.ts'
import { checkDisk, checkFolder, checkMemory, checkRuntime, checkZones } from './checks/machine.ts'
import { describeFailure } from './failure.ts'
import { print, printJson } from './output.ts'

/** Checks everything that Earshot needs; the exit status is 1 if a check fails. */
export async function doctorCommand(options: { json?: boolean }): Promise<void> {
  const findings: Finding[] = []
  for await (const finding of findAll()) {
    findings.push(finding)
    if (!options.json) show(finding)
  }
  const failed = findings.filter(({ state }) => state === 'fail').length
  if (options.json) printJson({ ok: failed === 0, checks: findings })
  else print(failed === 0 ? '\nEarshot can run here.' : `\n${counted(failed, 'check')} failed.`)
  if (failed > 0) process.exitCode = 1
}

async function* findAll(): AsyncGenerator<Finding> {
  yield checkRuntime()
  let config: Config
  try {
    config = loadConfig()
    yield ok('settings', 'all are valid')
  } catch (error) {
    return yield fail('settings', describeFailure(error), 'Fix the setting; "earshot config" lists all settings.')
  }
  yield await findingOf('time zones', checkZones)
  yield checkMemory()
  const folder = await findingOf('data folder', () => checkFolder(config))
  yield folder
  yield await findingOf('disk', () => checkDisk(config))
  yield* await checkPackages(config)
  if (folder.state !== 'fail') yield* await checkStores(config)
  yield await findingOf('files', () => checkFiles(config))
  yield await findingOf('port', () => checkPort(config))
  yield await findingOf('tls', () => checkTls(config))
  yield await findingOf('public address', () => checkPublicUrl(config))
}

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }

function show({ check, state, found, remedy }: Finding): void {
  print(`${marks[state]}  ${check.padEnd(19)} ${found}`)
  if (remedy) print(`${' '.repeat(26)}→ ${remedy}`)
}

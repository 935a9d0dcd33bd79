import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { settings, type Setting } from './settings.ts'

type Settings = typeof settings

/** All settings, read and checked. */
export type Config = { [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never }

/** A wrong setting, which prevents the start; the message names the setting, the value and the remedy. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the settings from the environment, then from the file that EARSHOT_CONFIG_FILE names (or
 * ./earshot.env when there is one; lines NAME=value). The environment wins.
 * Throws ConfigError for a wrong value, an unknown EARSHOT_ name, or settings that exclude each other.
 */
export function loadConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = { ...readConfigFile(environment['EARSHOT_CONFIG_FILE']), ...defined(environment) }
  refuseUnknownNames(given)
  const config: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(settings)) {
    const text = given[entry.name] ?? entry.default
    const parsed = entry.schema.safeParse(text)
    if (!parsed.success) {
      const shown = entry.secret ? '(not shown)' : JSON.stringify(text)
      throw new ConfigError(`${entry.name} is ${shown}; it must be ${entry.remedy}.`)
    }
    config[key] = parsed.data
  }
  const whole = config as Config
  refuseContradictions(whole)
  return whole
}

function defined(environment: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  )
}

function readConfigFile(named: string | undefined): Record<string, string> {
  const path = resolve(named || 'earshot.env')
  if (!existsSync(path)) {
    if (named)
      throw new ConfigError(`EARSHOT_CONFIG_FILE is ${JSON.stringify(named)}; it must be the path of a readable file.`)
    return {}
  }
  return defined(parseEnv(readFileSync(path, 'utf8')))
}

function refuseUnknownNames(given: Record<string, string>): void {
  const known = new Set(['EARSHOT_CONFIG_FILE', ...Object.values(settings).map((entry) => entry.name)])
  const unknown = Object.keys(given).find((name) => name.startsWith('EARSHOT_') && !known.has(name))
  if (unknown) throw new ConfigError(`${unknown} is not a setting; "earshot config" lists the settings there are.`)
}

function refuseContradictions(config: Config): void {
  if ((config.tlsCertificate === '') !== (config.tlsKey === '')) {
    throw new ConfigError('EARSHOT_TLS_CERT and EARSHOT_TLS_KEY belong together; set both, or neither.')
  }
  for (const entry of ['tlsCertificate', 'tlsKey'] as const) {
    if (config[entry] !== '' && !existsSync(config[entry])) {
      throw new ConfigError(
        `${settings[entry].name} is ${JSON.stringify(config[entry])}; it must be ${settings[entry].remedy}.`,
      )
    }
  }
  const hasKeys = config.s3AccessKey !== '' && config.s3SecretKey !== ''
  const hasKey = config.s3AccessKey !== '' || config.s3SecretKey !== ''
  if (config.files === '' ? hasKey : !hasKeys) {
    throw new ConfigError(
      'EARSHOT_FILES, EARSHOT_S3_ACCESS_KEY and EARSHOT_S3_SECRET_KEY belong together; set all three, or none.',
    )
  }
  if (config.clickhouseUrls.length > 1 && config.clickhouseCluster === '') {
    throw new ConfigError(
      'EARSHOT_CLICKHOUSE_URL names several nodes; say in EARSHOT_CLICKHOUSE_CLUSTER which cluster they form.',
    )
  }
  if (config.clickhouseCluster !== '' && config.clickhouseUrls.length === 0) {
    throw new ConfigError('EARSHOT_CLICKHOUSE_CLUSTER needs EARSHOT_CLICKHOUSE_URL with the address of every node.')
  }
  if (hasEmbeddedEngine(config) && new Set(config.roles).size < 2) {
    throw new ConfigError(
      `EARSHOT_ROLES is ${JSON.stringify(config.roles.join(','))}; separate roles need server engines: set EARSHOT_CLICKHOUSE_URL and EARSHOT_DATABASE_URL, or let one process do both (api,worker).`,
    )
  }
}

/** Whether an engine runs in this process's data folder, so that no other process can serve beside it. */
export function hasEmbeddedEngine(config: Pick<Config, 'clickhouseUrls' | 'databaseUrl'>): boolean {
  return config.clickhouseUrls.length === 0 || config.databaseUrl === ''
}

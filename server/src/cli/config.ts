import { loadConfig } from '../config.ts'
import { settings } from '../settings.ts'
import { print, printJson } from './output.ts'

/** Prints every setting with its value; secret values are not printed. */
export function configCommand(options: { json?: boolean }): void {
  const config = loadConfig()
  const listed = Object.entries(settings).map(([key, { name, default: usual, description, secret }]) => {
    const value: unknown = config[key as keyof typeof settings]
    const shown = Array.isArray(value) ? value.join(',') : String(value)
    const isUsual = shown === usual || shown === String(settings[key as keyof typeof settings].schema.parse(usual))
    return {
      name,
      value: secret && shown !== '' ? '(set, not shown)' : shown,
      default: usual,
      isDefault: isUsual,
      description,
    }
  })
  if (options.json) return printJson(listed)
  for (const { name, value, default: usual, isDefault, description } of listed) {
    print(`${name}=${value}${isDefault ? '' : `   (default: ${usual === '' ? 'empty' : usual})`}`)
    print(`    ${description}`)
  }
}

import { basename } from 'node:path'
import { countDays, parseLocalDate, parseTimeZone } from '../domain/period.ts'
import { AppError } from '../errors.ts'
import { CommandError } from './failure.ts'

export interface ExportOptions {
  account: string
  from: string
  to: string
  out: string
  format?: string
  timezone: string
  force?: boolean
  json?: boolean
}

/** The body that starts the export. */
export interface WantedExport {
  dataset: string
  format: string
  compression: 'none' | 'gzip'
  dateFrom: string
  dateTo: string
  timezone: string
}

/** Checks the arguments before anything is opened. Throws CommandError with the names of the options. */
export function readExportWords(
  dataset: string,
  options: ExportOptions,
  datasets: readonly { name: string; formats: object }[],
): WantedExport {
  const found = datasets.find(({ name }) => name === dataset)
  if (!found) {
    const names = datasets.map(({ name }) => name).join(', ')
    throw new CommandError(`There is no dataset ${JSON.stringify(dataset)}; it must be one of ${names}.`)
  }
  if (options.json && options.out === '-')
    throw new CommandError('--json and --out - both mean standard output; give one of the two.')
  const dateFrom = readWord('--from', () => parseLocalDate(options.from, '--from'))
  const dateTo = readWord('--to', () => parseLocalDate(options.to, '--to'))
  if (countDays(dateFrom, dateTo) < 1) throw new CommandError(`--to is ${dateTo}, which is before --from, ${dateFrom}.`)
  return {
    dataset,
    ...formatOf(found, options),
    dateFrom,
    dateTo,
    timezone: readWord('--timezone', () => parseTimeZone(options.timezone, '--timezone')),
  }
}

function readWord<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AppError)
      throw new CommandError(error.message.startsWith(name) ? error.message : `${name}: ${error.message}`)
    throw error
  }
}

/** The format of the option, else of the file's extension; a final `.gz` compresses the file. */
function formatOf(
  { name, formats }: { name: string; formats: object },
  { format, out }: ExportOptions,
): Pick<WantedExport, 'format' | 'compression'> {
  const file = basename(out).toLowerCase()
  const isPacked = file.endsWith('.gz')
  const ending = (isPacked ? file.slice(0, -3) : file).split('.').at(-1) ?? ''
  const byName = ending === 'jsonl' ? 'ndjson' : ending
  const known = Object.keys(formats)
  const chosen = format ?? (['csv', 'xlsx', 'ndjson', 'parquet'].includes(byName) ? byName : 'csv')
  if (!known.includes(chosen)) {
    throw new CommandError(
      `${format === undefined ? `The name of --out asks for ${chosen}` : `--format is ${JSON.stringify(format)}`}; ${name} comes as ${known.join(' or ')}.`,
    )
  }
  return { format: chosen, compression: isPacked ? 'gzip' : 'none' }
}

import { z } from 'zod'
import type { Parameters } from '../../../store/clickhouse/clickhouse.ts'

/**
 * What the datasets of the dataset exports are asked with: instants `[from, to)` in RFC 3339, and the customers that every
 * file keeps to.
 */
export const windowParameters = z.object({
  from: z.iso.datetime().transform((text) => Date.parse(text)),
  to: z.iso.datetime().transform((text) => Date.parse(text)),
  customerIds: z.array(z.string()).optional(),
})

/** The window in milliseconds since 1970. */
export type Window = z.output<typeof windowParameters>

/** Whether an instant lies in the window. */
export function inWindow(column: string): string {
  return `(
        ${column} >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND ${column} < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
      )`
}

/** Whether a customer is one that the files keep to; all are without a list. */
export function isWanted(column: string, { customerIds }: Window): string {
  return customerIds ? `ifNull(${column} IN {customerIds:Array(String)}, 0)` : '1'
}

export function windowValues({ from, to, customerIds }: Window): Parameters {
  return { fromMs: from, toMs: to, ...(customerIds ? { customerIds } : {}) }
}

import { CommandError } from './failure.ts'

/** Reads an option as a whole number within a range. */
export function wholeNumber(name: string, text: string, { from, to }: { from: number; to: number }): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= from && value <= to) return value
  throw new CommandError(`${name} is ${JSON.stringify(text)}; it must be a whole number from ${from} to ${to}.`)
}

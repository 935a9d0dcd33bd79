import { linesOf } from '../domain/lines.ts'

/** Asks at the terminal; without a terminal the answer is no. */
export async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  process.stderr.write(question)
  for await (const { bytes } of linesOf(process.stdin)) return /^y(es)?$/i.test(bytes.toString().trim())
  return false
}

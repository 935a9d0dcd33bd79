import type { Slots } from './slots.ts'

type Part = string | { slot: keyof Slots }

const compiled = new Map<string, readonly Part[]>()

/** Puts the slots' words into a line: `Gracias, {honorific}.` becomes `Gracias, don Rodrigo.` */
export function fill(line: string, slots: Slots): string {
  let parts = compiled.get(line)
  if (!parts) {
    parts = compile(line)
    compiled.set(line, parts)
  }
  let text = ''
  for (const part of parts) text += typeof part === 'string' ? part : slots[part.slot]
  return text
}

function compile(line: string): Part[] {
  return line
    .split(/\{(\w+)\}/)
    .map((piece, index): Part => (index % 2 === 0 ? piece : { slot: piece as keyof Slots }))
    .filter((part) => part !== '')
}

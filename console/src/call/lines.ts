import type { Call, Turn } from './callApi.ts'

/** A turn on the page: its text, and its time in seconds from the start of the call. */
export interface Line {
  id: string
  participant: Turn['participant']
  text: string
  language: string | undefined
  at: string
  from: number
  to: number
}

// A typical rate of speech, for turns without a duration.
const charactersPerSecond = 15
const writtenChannels = new Set(['chat', 'email', 'sms', 'task'])

/** Whether a call is spoken, not written. */
export function isSpoken(call: Call): boolean {
  return !writtenChannels.has(call.channel)
}

/** The turns with text, in order. */
export function linesOf(call: Call): Line[] {
  const start = Date.parse(call.startedAt)
  const said = call.turns.map((turn) => ({ turn, text: textOf(turn) })).filter(({ text }) => text !== '')
  return said.map(({ turn, text }, place) => {
    const from = Math.max(0, (Date.parse(turn.at) - start) / 1000)
    const next = said[place + 1]
    const until = next ? (Date.parse(next.turn.at) - start) / 1000 : Number.POSITIVE_INFINITY
    const guessed = Math.min(until, from + text.length / charactersPerSecond)
    const to = turn.durationMs === undefined ? guessed : from + turn.durationMs / 1000
    const { id, participant, at, language } = turn
    return { id, participant, text, language, at, from, to: Math.max(from, to) }
  })
}

function textOf(turn: Turn): string {
  return turn.text ?? (turn.participant === 'agent' ? turn.textAgent : turn.textCustomer) ?? ''
}

/** The line at a time, else the last line before it. */
export function lineAt(lines: readonly Line[], seconds: number): Line | undefined {
  return lines.findLast((line) => line.from <= seconds + 0.05)
}

/** The length of the strip: of the recording, else of the call, else of its turns. */
export function lengthOf(call: Call, lines: readonly Line[]): number {
  const said = Math.max(0, ...lines.map(({ to }) => to))
  return Math.max(1, call.recordingDurationSeconds ?? call.durationSeconds ?? said, call.recordingId ? 0 : said)
}

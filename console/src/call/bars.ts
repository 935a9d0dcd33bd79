import type { Waveform } from './callApi.ts'
import type { Line } from './lines.ts'

/** One bar of the strip: its loudness (0 to 1) and its speaker, if any. */
export interface Bar {
  speaker: Line['participant'] | 'nobody'
  loudness: number
}

const barCount = 220
// Without a waveform, speech is a bar of fixed height and silence a dot.
const plainLoudness = 0.5

/** The strip of a call of `length` seconds. */
export function barsOf(lines: readonly Line[], waveform: Waveform | undefined, length: number): Bar[] {
  const loudest = Math.max(1, ...(waveform?.channels.flat() ?? []))
  return Array.from({ length: barCount }, (_, place) => {
    const from = (place / barCount) * length
    const to = ((place + 1) / barCount) * length
    const speaker = speakerBetween(lines, from, to)
    if (!waveform) return { speaker, loudness: speaker === 'nobody' ? 0 : plainLoudness }
    return { speaker, loudness: peakBetween(waveform, from, to) / loudest }
  })
}

/** The speaker with the most time in a range. */
function speakerBetween(lines: readonly Line[], from: number, to: number): Bar['speaker'] {
  let best: Bar['speaker'] = 'nobody'
  let longest = 0
  for (const line of lines) {
    const shared = Math.min(to, line.to) - Math.max(from, line.from)
    if (shared > longest) {
      longest = shared
      best = line.participant
    }
  }
  return best
}

function peakBetween({ channels, durationSeconds }: Waveform, from: number, to: number): number {
  let peak = 0
  for (const channel of channels) {
    const scale = channel.length / durationSeconds
    const first = Math.floor(from * scale)
    for (let index = first; index < Math.max(first + 1, to * scale); index++) peak = Math.max(peak, channel[index] ?? 0)
  }
  return peak
}

const rate = 8000
const headerBytes = 44

/** A line of a call: when it is said, in seconds from its start, and by whom. */
interface SpokenLine {
  from: number
  to: number
  isAgent: boolean
}

/** A recording in WAV, the agent on the left and the customer on the right, in which the lines are hummed like speech. */
export function spokenRecording(durationSeconds: number, lines: readonly SpokenLine[]): Buffer {
  const samples = Math.floor(durationSeconds * rate)
  const wav = Buffer.alloc(headerBytes + samples * 4)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(2, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 4, 28)
  wav.writeUInt16LE(4, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 4, 40)
  for (const { from, to, isAgent } of lines) {
    for (let sample = Math.floor(from * rate); sample < Math.min(samples, to * rate); sample++) {
      const seconds = sample / rate
      const tone = Math.sin(seconds * 2 * Math.PI * (isAgent ? 150 : 210))
      wav.writeInt16LE(Math.round(12_000 * loudness(seconds) * tone), headerBytes + sample * 4 + (isAgent ? 0 : 2))
    }
  }
  return wav
}

/** Syllables and pauses: another loudness about four times a second, the same one each time it is asked for. */
function loudness(seconds: number): number {
  const syllable = Math.floor(seconds * 4.3)
  const chance = Math.abs(Math.sin(syllable * 12.9898) * 43_758.5453) % 1
  const isPause = chance < 0.15
  return (isPause ? 0.03 : 0.2 + 0.75 * chance) * (0.6 + 0.4 * Math.sin(seconds * 23))
}

const rate = 8000
const headerBytes = 44

/** A recording in WAV in which somebody hums from and to these seconds: enough to be played and drawn. */
export function hummedRecording(durationSeconds: number, spoken: readonly { from: number; to: number }[]): Buffer {
  const samples = Math.floor(durationSeconds * rate)
  const wav = Buffer.alloc(headerBytes + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  for (const { from, to } of spoken) {
    for (let sample = Math.floor(from * rate); sample < Math.min(samples, to * rate); sample++) {
      wav.writeInt16LE(Math.round(8000 * Math.sin(sample / 6)), headerBytes + sample * 2)
    }
  }
  return wav
}

import { writeFileSync } from 'node:fs'
import { openDecoderOf } from './decoders.ts'
import { withoutTags } from './id3Tag.ts'
import { collectPeaks, type Waveform } from './peaks.ts'

/*
 * Decodes one file in a process of its own: its bytes come through standard input, its waveform goes back through the fourth
 * stream. Whatever a file does to a decoder, it does here.
 */
const [format = ''] = process.argv.slice(2)
const answerStream = 3
/** What gives more sound than this, a day, is no recording. */
const maxSeconds = 24 * 3600

async function decodeAll(content: AsyncIterable<Uint8Array>): Promise<Waveform> {
  const collector = collectPeaks()
  const decoder = await openDecoderOf(format)

  async function collect(pieces: ReturnType<typeof decoder.decode>): Promise<void> {
    for await (const { channels, sampleRate } of pieces) {
      if (collector.add(channels, sampleRate) > maxSeconds) throw new Error('There is more than a day of sound.')
    }
  }

  for await (const bytes of withoutTags(content)) await collect(decoder.decode(bytes))
  await collect(decoder.flush())
  return collector.finish()
}

// What was decoded of a broken file would mislead.
const waveform = await decodeAll(process.stdin).catch(() => null)
writeFileSync(answerStream, JSON.stringify(waveform))
process.exit(0)

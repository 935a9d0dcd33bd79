import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A recording of the folder `audio`. `tone…`: a tone of 440 Hz, 3.5 seconds (tone-mulaw.wav: 1 second), made with ffmpeg.
 * `steps…`: a tone of 440 Hz whose loudness changes each second, 0.8, 0.1, 0.4 and 0.02. `steps-browser…` were recorded by
 * Chromium (an oscillator, `MediaRecorder` with a slice each 250 ms); the others made with ffmpeg from
 * `aevalsrc='sin(2*PI*440*t)*if(lt(t,1),0.8,if(lt(t,2),0.1,if(lt(t,3),0.4,0.02)))':s=48000:d=4`: steps-moov-last.mp4 with `-ar 16000
 * -c:a aac -b:a 24k`, steps-fragmented.mp4 so too with `-movflags empty_moov+default_base_moof -frag_duration 500000`,
 * steps-stereo.mp4 with the second channel at a quarter, `-ar 16000 -c:a aac -b:a 48k -movflags faststart`, steps-mp3.mp4 with
 * `-c:a libmp3lame -b:a 16k`, steps-vorbis.webm with `-c:a libvorbis -q 0`.
 */
export function audioFile(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'audio', name))
}

/** A WAV file of 16-bit samples: `amplitudes` gives each channel's loudness (0 to 1) at a second. */
export function wavFile(
  seconds: number,
  amplitudes: (second: number) => number[],
  sampleRate = 8000,
): Buffer<ArrayBuffer> {
  const channels = amplitudes(0).length
  const frames = Math.round(seconds * sampleRate)
  const samples = Buffer.alloc(frames * channels * 2)
  for (let frame = 0; frame < frames; frame++) {
    const wave = Math.sin((frame * 2 * Math.PI * 440) / sampleRate)
    for (const [channel, amplitude] of amplitudes(frame / sampleRate).entries()) {
      samples.writeInt16LE(Math.round(wave * amplitude * 32_767), (frame * channels + channel) * 2)
    }
  }
  return Buffer.concat([wavHeader(samples.length, channels, sampleRate), samples])
}

/** The header of a WAV file whose samples (16 bits) take so many bytes. */
export function wavHeader(bytes: number, channels = 1, sampleRate = 8000): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + bytes, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * channels * 2, 28)
  header.writeUInt16LE(channels * 2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(bytes, 40)
  return header
}

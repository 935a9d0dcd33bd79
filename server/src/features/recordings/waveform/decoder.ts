/** A piece of decoded audio: an array a channel, samples from -1 to 1. */
export interface Decoded {
  channels: readonly Float32Array[]
  sampleRate: number
}

/**
 * Turns the bytes of a file into samples, a piece at a time. What it gives is used before it goes on, so that a few bytes
 * that stand for hours of silence never lie in memory as samples all at once.
 */
export interface Decoder {
  /** What the next bytes of the file hold; throws when they cannot be decoded. */
  decode(bytes: Uint8Array): AsyncIterable<Decoded>
  /** What is left at the end of the file; throws when nothing in it told how to decode it. */
  flush(): AsyncIterable<Decoded>
}

/** Turns frames of one codec, which a container held, into samples. */
export interface FrameDecoder {
  /** What these frames hold, or frames before them that were put by; throws when they cannot be decoded. */
  decode(frames: readonly Uint8Array[]): AsyncIterable<Decoded>
  /** What was put by, after the last frame. */
  flush(): AsyncIterable<Decoded>
}

/** Samples, of all channels together, that may lie in memory at once: a megabyte. */
const samplesAtOnce = 256 * 1024

/** Frames in groups, so small that what they decode to may lie in memory; `frameSamples` is the most that one holds. */
export function* groupsOf<Frame>(frames: readonly Frame[], frameSamples: number): Generator<Frame[]> {
  const count = framesAtOnce(frameSamples)
  for (let from = 0; from < frames.length; from += count) yield frames.slice(from, from + count)
}

/** How many frames of so many samples may be decoded at once; always one. */
export function framesAtOnce(frameSamples: number): number {
  return Math.max(1, Math.floor(samplesAtOnce / frameSamples))
}

/** Of a decoder that puts nothing by. */
export async function* nothing(): AsyncGenerator<Decoded> {}

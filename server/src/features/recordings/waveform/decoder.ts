/** A piece of decoded audio: an array a channel, samples from -1 to 1. */
export interface Decoded {
  channels: readonly Float32Array[]
  sampleRate: number
}

/** Turns the bytes of a file into samples, a piece at a time. */
export interface Decoder {
  /** What the next bytes of the file hold; throws when they cannot be decoded. */
  decode(bytes: Uint8Array): Promise<Decoded[]>
  /** What is left at the end of the file. */
  flush(): Promise<Decoded[]>
}

/** Turns frames of one codec, which a container held, into samples. */
export interface FrameDecoder {
  /** What these frames hold, or frames before them that were put by; throws when they cannot be decoded. */
  decode(frames: readonly Uint8Array[]): Promise<Decoded[]>
  /** What was put by, after the last frame. */
  flush(): Promise<Decoded[]>
}

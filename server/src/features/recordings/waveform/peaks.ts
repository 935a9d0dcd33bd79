/** Values of a finished waveform, a channel. */
const finishedPeaks = 1000
/** Values that are collected; when there are more, each two become one that stands for twice the time. */
const mostCollected = 8 * finishedPeaks
const loudest = 255

/** How loud a recording is over its time: for each channel the greatest amplitude of each of its parts, 0 to 255. */
export interface Waveform {
  durationSeconds: number
  channels: number[][]
}

/** Collects the peaks of samples as they come, in memory that does not grow with them. */
export interface PeakCollector {
  /** Samples from -1 to 1, an array a channel, all of one length. */
  add(channels: readonly Float32Array[], sampleRate: number): void
  /** Undefined when there was no sample. */
  finish(): Waveform | undefined
}

export function collectPeaks(): PeakCollector {
  let peaks: number[][] = []
  let samplesInPeak = 32
  let open: number[] = []
  let filled = 0
  let seconds = 0

  function close(): void {
    for (const [channel, peak] of open.entries()) (peaks[channel] ??= []).push(peak)
    open = open.map(() => 0)
    filled = 0
    if ((peaks[0]?.length ?? 0) < mostCollected) return
    peaks = peaks.map((all) => shortened(all, all.length / 2))
    samplesInPeak *= 2
  }

  return {
    add(channels, sampleRate) {
      const [first] = channels
      if (!first || first.length === 0) return
      // A stream that changes its channels on the way keeps those it began with.
      if (open.length === 0) open = channels.map(() => 0)
      seconds += first.length / sampleRate
      for (let from = 0; from < first.length;) {
        const to = Math.min(first.length, from + samplesInPeak - filled)
        for (const channel of open.keys())
          open[channel] = Math.max(open[channel] ?? 0, greatest(channels[channel], from, to))
        filled += to - from
        from = to
        if (filled === samplesInPeak) close()
      }
    },
    finish() {
      if (filled > 0) close()
      if (seconds === 0) return undefined
      const channels = peaks.map((all) =>
        shortened(all, Math.min(finishedPeaks, all.length)).map((peak) => Math.round(Math.min(1, peak) * loudest)),
      )
      return { durationSeconds: Math.round(seconds * 1000) / 1000, channels }
    },
  }
}

function greatest(samples: Float32Array | undefined, from: number, to: number): number {
  let peak = 0
  for (let index = from; samples && index < to; index++) {
    const amplitude = Math.abs(samples[index] ?? 0)
    if (amplitude > peak) peak = amplitude
  }
  return peak
}

/** The peaks of `length` parts of the same time. */
function shortened(all: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, part) =>
    Math.max(...all.slice(Math.floor((part * all.length) / length), Math.floor(((part + 1) * all.length) / length))),
  )
}

/** Values of a finished waveform, a channel. */
const finishedPeaks = 1000
/** Values that are collected; when there are more, each two become one that stands for twice the time. */
const maxCollected = 8 * finishedPeaks
const loudest = 255

/** How loud a recording is over its time: for each channel the greatest amplitude of each of its parts, 0 to 255. */
export interface Waveform {
  durationSeconds: number
  /** None in a recording without any sound. */
  channels: number[][]
}

/** Collects the peaks of samples as they come, in memory that does not grow with them. */
export interface PeakCollector {
  /** Samples from -1 to 1, an array a channel, all of one length. Gives how many seconds there are by now. */
  add(channels: readonly Float32Array[], sampleRate: number): number
  finish(): Waveform
}

export function collectPeaks(): PeakCollector {
  let peaks: number[][] = []
  /** Samples at the rate that the recording began with; at another one a sample counts as more, or less. */
  let samplesInPeak = 32
  let firstRate: number | undefined
  let open: number[] = []
  let filled = 0
  let seconds = 0

  function close(): void {
    for (const [channel, peak] of open.entries()) (peaks[channel] ??= []).push(peak)
    open = open.map(() => 0)
    // At a lower rate a sample may reach into the next part.
    filled = Math.max(0, filled - samplesInPeak) % samplesInPeak
    if ((peaks[0]?.length ?? 0) < maxCollected) return
    peaks = peaks.map((all) => shortened(all, all.length / 2))
    samplesInPeak *= 2
  }

  return {
    add(channels, sampleRate) {
      const [first] = channels
      if (!first || first.length === 0 || !(sampleRate > 0)) return seconds
      // A stream that changes its channels on the way keeps those it began with.
      if (open.length === 0) open = channels.map(() => 0)
      firstRate ??= sampleRate
      const weight = firstRate / sampleRate
      seconds += first.length / sampleRate
      for (let from = 0; from < first.length;) {
        const wanted = Math.max(1, Math.ceil((samplesInPeak - filled) / weight))
        const to = Math.min(first.length, from + wanted)
        for (const channel of open.keys())
          open[channel] = Math.max(open[channel] ?? 0, greatest(channels[channel], from, to))
        filled += (to - from) * weight
        from = to
        if (filled >= samplesInPeak) close()
      }
      return seconds
    },
    finish() {
      if (filled > 0) close()
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

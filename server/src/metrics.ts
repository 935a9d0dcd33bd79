/** Labels of a metric; their values come from small fixed sets, never from what a caller sends. */
export type Labels = Readonly<Record<string, string>>

/** One value of a metric. Only the parts of a histogram have a `suffix`. */
export interface Sample {
  suffix?: '_bucket' | '_sum' | '_count'
  labels: Labels
  value: number
}

/** A metric with all its values. Counters end in `_total`; units are seconds and bytes. */
export interface Figure {
  name: string
  help: string
  kind: 'counter' | 'gauge' | 'histogram'
  samples: Sample[]
}

/** A counter of events since the start of the process. */
class Counter {
  private readonly values = new Map<string, { labels: Labels; value: number }>()
  private readonly name: string
  private readonly help: string

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  add(labels: Labels, by = 1): void {
    const key = keyOf(labels)
    const known = this.values.get(key)
    if (known) known.value += by
    else this.values.set(key, { labels, value: by })
  }

  figure(): Figure {
    const samples = [...this.values.values()].map(({ labels, value }) => ({ labels, value }))
    return { name: this.name, help: this.help, kind: 'counter', samples }
  }
}

/** A gauge of a current value. */
class Gauge {
  value = 0
  private readonly name: string
  private readonly help: string

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  figure(): Figure {
    return { name: this.name, help: this.help, kind: 'gauge', samples: [{ labels: {}, value: this.value }] }
  }
}

/** A histogram of durations. */
class Histogram {
  private readonly values = new Map<string, { labels: Labels; counts: number[]; sum: number }>()
  private readonly name: string
  private readonly help: string
  private readonly bounds: readonly number[]

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name
    this.help = help
    this.bounds = bounds
  }

  observe(labels: Labels, seconds: number): void {
    const key = keyOf(labels)
    let known = this.values.get(key)
    if (!known) {
      known = { labels, counts: Array.from({ length: this.bounds.length + 1 }, () => 0), sum: 0 }
      this.values.set(key, known)
    }
    const index = this.bounds.findIndex((bound) => seconds <= bound)
    const bucket = index === -1 ? this.bounds.length : index
    known.counts[bucket] = (known.counts[bucket] ?? 0) + 1
    known.sum += seconds
  }

  figure(): Figure {
    const samples = [...this.values.values()].flatMap((entry) => this.samplesOf(entry))
    return { name: this.name, help: this.help, kind: 'histogram', samples }
  }

  private samplesOf({ labels, counts, sum }: { labels: Labels; counts: number[]; sum: number }): Sample[] {
    let upTo = 0
    const buckets = counts.map((count, index): Sample => {
      upTo += count
      const bound = this.bounds[index]
      return { suffix: '_bucket', labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, value: upTo }
    })
    return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: upTo }]
  }
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join('\n')
}

const requestBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const delayBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const loopTickMs = 100

/** The metrics of this process; figures of the stores are read on each request. */
export class Metrics {
  readonly requests = new Counter('earshot_http_requests_total', 'Answered requests.')
  readonly requestDuration = new Histogram(
    'earshot_http_request_duration_seconds',
    'From the arrival of a request to the end of its answer.',
    requestBounds,
  )
  readonly ingestRecords = new Counter(
    'earshot_ingest_records_total',
    'Records that were taken in (created, updated, unchanged), deleted or rejected.',
  )
  readonly ingestBatches = new Counter('earshot_ingest_batches_total', 'Batches that were made durable.')
  readonly commitDuration = new Histogram(
    'earshot_ingest_commit_duration_seconds',
    'From the beginning of a turn of ingestion until its records are durable.',
    requestBounds,
  )
  readonly jobRuns = new Counter(
    'earshot_job_runs_total',
    'Runs of jobs that ended: done, retried (failed, to be tried again) or failed (for the last time).',
  )
  readonly webhookAttempts = new Counter('earshot_webhook_attempts_total', 'Tries to deliver an event to a webhook.')
  readonly streamEvents = new Counter('earshot_stream_events_total', 'Changes that were written to live streams.')
  readonly openStreams = new Gauge('earshot_open_streams', 'Live streams that are open.')
  private readonly loopDelay = new Histogram(
    'earshot_event_loop_delay_seconds',
    'How late a timer of the process rang: what requests wait for while it computes.',
    delayBounds,
  )
  private readonly timer: NodeJS.Timeout

  constructor() {
    let dueAt = performance.now() + loopTickMs
    this.timer = setInterval(() => {
      const now = performance.now()
      this.loopDelay.observe({}, Math.max(0, now - dueAt) / 1000)
      dueAt = now + loopTickMs
    }, loopTickMs).unref()
  }

  figures(): Figure[] {
    const { requests, requestDuration, ingestRecords, ingestBatches, commitDuration, jobRuns } = this
    return [
      requests,
      requestDuration,
      ingestRecords,
      ingestBatches,
      commitDuration,
      jobRuns,
      this.webhookAttempts,
      this.streamEvents,
      this.openStreams,
      this.loopDelay,
    ].map((entry) => entry.figure())
  }

  close(): void {
    clearInterval(this.timer)
  }
}

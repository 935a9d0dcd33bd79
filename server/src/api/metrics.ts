import { monitorEventLoopDelay } from 'node:perf_hooks'

/** One of a gauge's values, with what tells it from the others. */
interface LabelledValue {
  labels: Record<string, string>
  value: number
}

type GaugeValue = number | readonly LabelledValue[]

interface Gauge {
  help: string
  read: () => GaugeValue | Promise<GaugeValue>
}

/** Counts what the process does, and writes it as Prometheus text. */
export class Metrics {
  private readonly requests = new Map<string, { count: number; seconds: number }>()
  private readonly gauges = new Map<string, Gauge>()
  private readonly loopDelay = monitorEventLoopDelay({ resolution: 20 })

  constructor() {
    this.loopDelay.enable()
  }

  /** Counts one answered request under its route's pattern. */
  countRequest(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",route="${escaped(route)}",status="${status}"`
    const entry = this.requests.get(labels) ?? { count: 0, seconds: 0 }
    entry.count += 1
    entry.seconds += seconds
    this.requests.set(labels, entry)
  }

  /** Adds a figure that is read whenever the metrics are asked for. */
  addGauge(name: string, help: string, read: Gauge['read']): void {
    this.gauges.set(name, { help, read })
  }

  async text(): Promise<string> {
    const lines = [...this.processLines(), ...this.requestLines()]
    for (const [name, gauge] of this.gauges) {
      // One figure that cannot be read must not hide the others.
      const value = await Promise.resolve(gauge.read()).catch(() => Number.NaN)
      const values = typeof value === 'number' ? [`${name} ${value}`] : value.map((entry) => labelled(name, entry))
      lines.push(...described(name, gauge.help, 'gauge'), ...values)
    }
    return `${lines.join('\n')}\n`
  }

  close(): void {
    this.loopDelay.disable()
  }

  private processLines(): string[] {
    const memory = process.memoryUsage()
    const delay = (percentile: number) => (this.loopDelay.percentile(percentile) / 1e9).toFixed(6)
    const lines = [
      ...described('process_resident_memory_bytes', 'Memory of the process.', 'gauge'),
      `process_resident_memory_bytes ${memory.rss}`,
      ...described('process_heap_used_bytes', 'JavaScript heap in use.', 'gauge'),
      `process_heap_used_bytes ${memory.heapUsed}`,
      ...described('process_uptime_seconds', 'Time since the process started.', 'gauge'),
      `process_uptime_seconds ${process.uptime().toFixed(0)}`,
      ...described('event_loop_delay_seconds', 'Event loop delay since the last reading.', 'gauge'),
      `event_loop_delay_seconds{quantile="0.5"} ${delay(50)}`,
      `event_loop_delay_seconds{quantile="0.99"} ${delay(99)}`,
      `event_loop_delay_seconds{quantile="1"} ${delay(100)}`,
    ]
    this.loopDelay.reset()
    return lines
  }

  private requestLines(): string[] {
    const entries = [...this.requests]
    return [
      ...described('http_requests_total', 'Answered requests.', 'counter'),
      ...entries.map(([labels, entry]) => `http_requests_total{${labels}} ${entry.count}`),
      ...described('http_request_duration_seconds_total', 'Time spent on answered requests.', 'counter'),
      ...entries.map(([labels, entry]) => `http_request_duration_seconds_total{${labels}} ${entry.seconds.toFixed(6)}`),
    ]
  }
}

function described(name: string, help: string, kind: 'counter' | 'gauge'): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`]
}

function labelled(name: string, { labels, value }: LabelledValue): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}{${pairs.join(',')}} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

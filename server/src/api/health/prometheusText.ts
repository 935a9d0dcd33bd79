import type { Figure, Sample } from '../../metrics.ts'

/** The figures in the Prometheus text format, version 0.0.4. */
export function prometheusText(figures: readonly Figure[]): string {
  const lines = figures.flatMap(({ name, help, kind, samples }) => [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${kind}`,
    ...samples.map((sample) => `${name}${sample.suffix ?? ''}${labelsOf(sample)} ${sample.value}`),
  ])
  return `${lines.join('\n')}\n`
}

function labelsOf({ labels }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

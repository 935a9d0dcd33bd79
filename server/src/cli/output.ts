/** Writes a line on standard output. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Writes one JSON value on one line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** Lays rows out under their heads, as wide as their widest cell; the last column is left ragged. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [heads, ...rows]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  for (const line of lines) {
    print(
      line.map((cell, column) => (column === heads.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
  }
}

/** An instant for people, to the minute, in UTC; a dash when there is none. */
export function showTime(time: Date | null): string {
  return time === null ? '–' : time.toISOString().slice(0, 16).replace('T', ' ')
}

/** Shows how far a long piece of work is: one line that is written over in a terminal, now and then a line elsewhere. */
export function progressLine(): { show(text: string): void; end(): void } {
  const inTerminal = process.stderr.isTTY
  const everyMs = inTerminal ? 100 : 5_000
  let shownAt = Number.NEGATIVE_INFINITY
  let isOpen = false
  return {
    show(text) {
      if (performance.now() - shownAt < everyMs) return
      shownAt = performance.now()
      isOpen = inTerminal
      process.stderr.write(inTerminal ? `\r\u001B[K${text}` : `${text}\n`)
    },
    end() {
      if (isOpen) process.stderr.write('\r\u001B[K')
      isOpen = false
    },
  }
}

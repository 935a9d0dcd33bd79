/** Writes a line on standard output. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Writes one JSON value on one line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** Prints rows as a table; each column but the last is as wide as its widest cell. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [heads, ...rows]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  for (const line of lines) {
    print(
      line.map((cell, column) => (column === heads.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
  }
}

/** An instant in UTC, to the minute; a dash for none. */
export function showTime(time: Date | null): string {
  return time === null ? '–' : time.toISOString().slice(0, 16).replace('T', ' ')
}

/** Shows progress: one line that is overwritten in a terminal, or a line now and then elsewhere. */
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

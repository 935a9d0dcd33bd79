const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']

/** An amount of bytes for people, in the unit that gives 1 to 999: "78.9 GB". */
export function bytesText(bytes: number): string {
  let amount = bytes
  let unit = 0
  // Show 1 of the next unit instead of a rounded 1,000.
  while (Number(amount.toFixed(1)) >= 1000 && unit < units.length - 1) {
    amount /= 1000
    unit++
  }
  return unit === 0 ? counted(bytes, 'byte') : `${amount.toFixed(1)} ${units[unit]}`
}

/** A count with its noun in the singular or plural: "1 call", "2 calls". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

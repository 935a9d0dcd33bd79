import type { ElementHeader } from './elementReader.ts'

/** Reads the header of a box, to be treated as `how` says. Undefined when it is cut off. */
export function readBoxHeader(
  bytes: Buffer,
  how: (type: string) => ElementHeader<string>['how'],
): ElementHeader<string> | undefined {
  if (bytes.length < 8) return undefined
  const size = bytes.readUInt32BE(0)
  const id = bytes.toString('latin1', 4, 8)
  // A size of 1 stands for one of eight bytes after the type, 0 for all that is left of the file.
  if (size === 1 && bytes.length < 16) return undefined
  const headerBytes = size === 1 ? 16 : 8
  const wholeBytes = size === 1 ? Number(bytes.readBigUInt64BE(8)) : size === 0 ? Infinity : size
  if (wholeBytes < headerBytes) throw new Error('A box is shorter than its header.')
  return { id, headerBytes, contentBytes: wholeBytes - headerBytes, how: how(id) }
}

/** The boxes of a type that a box is made of. */
export function boxesIn(content: Buffer, type: string): Buffer[] {
  const found: Buffer[] = []
  for (let rest = content; rest.length >= 8;) {
    const header = readBoxHeader(rest, () => 'keep')
    if (!header) throw new Error('A box is cut off.')
    const end = header.headerBytes + header.contentBytes
    if (header.id === type) found.push(rest.subarray(header.headerBytes, end))
    rest = rest.subarray(end)
  }
  return found
}

/** The first box at a path of types. Undefined where there is none. */
export function boxAt(content: Buffer, ...path: string[]): Buffer | undefined {
  let box: Buffer | undefined = content
  for (const type of path) box = box && boxesIn(box, type)[0]
  return box
}

/** As `boxAt`, for a box that a file cannot be read without. */
export function requiredBox(content: Buffer, ...path: string[]): Buffer {
  const box = boxAt(content, ...path)
  if (!box) throw new Error(`The file has no box ${path.join('/')}.`)
  return box
}

import type { ElementHeader } from './elementReader.ts'

/** A number of variable length as Matroska writes them: its first byte tells by its leading zeros how long it is. */
interface VariableNumber {
  value: number
  bytes: number
}

/** The id of an element, which keeps the bit that marks its length. Undefined when it is cut off. */
function readId(bytes: Buffer): VariableNumber | undefined {
  const length = lengthOf(bytes)
  if (length === undefined || bytes.length < length) return undefined
  if (length > 4) throw new Error('An element has no valid id.')
  return { value: bytes.readUIntBE(0, length), bytes: length }
}

/** A size or a number; Infinity for the one that means unknown. Undefined when it is cut off. */
export function readNumber(bytes: Buffer): VariableNumber | undefined {
  const length = lengthOf(bytes)
  if (length === undefined || bytes.length < length) return undefined
  let value = bytes.readUInt8(0) & (0xff >> length)
  let isUnknown = value === 0xff >> length
  for (const byte of bytes.subarray(1, length)) {
    value = value * 256 + byte
    isUnknown &&= byte === 0xff
  }
  return { value: isUnknown ? Infinity : value, bytes: length }
}

function lengthOf(bytes: Buffer): number | undefined {
  const [first] = bytes
  if (first === undefined) return undefined
  if (first === 0) throw new Error('A number has no valid length.')
  return Math.clz32(first) - 23
}

/** The header of the element that `bytes` begin with, to be treated as `how` says. Undefined when it is cut off. */
export function readHeader(
  bytes: Buffer,
  how: (id: number) => ElementHeader<number>['how'],
): ElementHeader<number> | undefined {
  const id = readId(bytes)
  const size = id && readNumber(bytes.subarray(id.bytes))
  if (!id || !size) return undefined
  const treatment = how(id.value)
  if (size.value === Infinity && treatment !== 'enter') throw new Error('An element does not say where it ends.')
  return { id: id.value, headerBytes: id.bytes + size.bytes, contentBytes: size.value, how: treatment }
}

/** The elements that an element is made of, by their ids; the last of those that come more than once. */
export function childrenOf(content: Buffer): Map<number, Buffer> {
  return new Map(elementsOf(content).map(({ id, content: of }) => [id, of]))
}

/** The elements that an element is made of, in their order. */
export function elementsOf(content: Buffer): { id: number; content: Buffer }[] {
  const elements: { id: number; content: Buffer }[] = []
  for (let rest = content; rest.length > 0;) {
    const header = readHeader(rest, () => 'keep')
    if (!header) throw new Error('An element is cut off.')
    const end = header.headerBytes + header.contentBytes
    elements.push({ id: header.id, content: rest.subarray(header.headerBytes, end) })
    rest = rest.subarray(end)
  }
  return elements
}

/** An unsigned integer of up to four bytes. */
export function unsignedOf(content: Buffer | undefined): number | undefined {
  if (!content || content.length > 4) return undefined
  return content.length === 0 ? 0 : content.readUIntBE(0, content.length)
}

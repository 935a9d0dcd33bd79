export const mpegHeaderBytes = 4

/** Whether these bytes are the header of an MPEG audio frame, with no field at a value that is not given away. */
export function isMpegFrame(start: Buffer): boolean {
  if (start.length < mpegHeaderBytes || start.readUInt8(0) !== 0xff) return false
  const [second, third] = [start.readUInt8(1), start.readUInt8(2)]
  const isSynchronised = (second & 0xe0) === 0xe0
  const version = (second >> 3) & 3
  const layer = (second >> 1) & 3
  return isSynchronised && version !== 1 && layer !== 0 && third >> 4 !== 15 && ((third >> 2) & 3) !== 3
}

/** The channels that the first frame's header names; undefined while there is none. */
export function mpegChannels(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const header = bytes.subarray(at, at + mpegHeaderBytes)
    if (isMpegFrame(header)) return header.readUInt8(3) >> 6 === 3 ? 1 : 2
  }
  return undefined
}

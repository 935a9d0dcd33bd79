import type { Context } from '../../context.ts'
import { checkRecord, type FieldFault, type Write } from '../../domain/checkRecord.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { readBodyFormat, inflateBody, type IngestBody } from './inflateBody.ts'
import { looksLikeLines, readRecords } from './readRecords.ts'
import { RecordFaults } from '../../recordLog/recordFaults.ts'
import { lossFault } from './recordText.ts'
import type { IndexedWrite } from '../../recordLog/command.ts'
import { yieldByTime } from '../../yieldByTime.ts'

/** The valid records of a body and the faults of the others, each with its index in the body. */
export interface CheckedBody {
  writes: IndexedWrite[]
  faults: RecordFaults
}

interface CheckOptions {
  skipsFaults: boolean
  /** Checks one record; by default against the fields of its collection. */
  check?: (record: unknown) => Write | FieldFault[]
}

/**
 * Reads and checks the records of a body: a JSON object, a JSON array or NDJSON, each optionally gzipped. Throws
 * BAD_REQUEST for malformed input, PAYLOAD_TOO_LARGE over a limit, UNSUPPORTED_MEDIA_TYPE for other types, UNAVAILABLE
 * when the memory for bodies is full.
 */
export async function checkBody(
  { ports }: Context,
  collection: Collection,
  body: IngestBody,
  { skipsFaults, check = (record) => checkRecord(collection, record) }: CheckOptions,
): Promise<CheckedBody> {
  const format = readBodyFormat(body)
  const reservedBytes = ports.bodyMemory.open()
  try {
    const bytes = await inflateBody(body.bytes, format, { limit: ports.config.ingestMaxBytes, held: reservedBytes })
    const options = {
      isLines: format.isLines ?? looksLikeLines(bytes),
      skipsFaults,
      maxRecords: ports.config.ingestMaxRecords,
    }
    const writes: IndexedWrite[] = []
    const faults = new RecordFaults()
    const pause = yieldByTime()
    let index = 0
    for (const read of readRecords(bytes, options)) {
      const paused = pause()
      if (paused) await paused
      if (read === undefined) continue
      const checked = 'fault' in read ? [read.fault] : check(read.value)
      const loss = 'fault' in read || Array.isArray(checked) ? undefined : lossFault(read.text, read.value, read.scan)
      if (loss) faults.add(index, loss)
      else if (Array.isArray(checked)) for (const fault of checked) faults.add(index, fault)
      else writes.push({ index, write: checked })
      index++
    }
    return { writes, faults }
  } finally {
    reservedBytes.release()
  }
}

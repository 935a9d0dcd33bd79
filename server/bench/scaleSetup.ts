import type { IngestCost, RowSize } from './scaleIngest.ts'
import type { Cost } from './scaleQuestions.ts'
import type { RecordingCost } from './scaleRecordings.ts'
import type { RetentionRate } from './scaleRetention.ts'

/** Everything measured over one number of calls on one number of shards. */
export interface Setup {
  label: string
  shards: number
  questions: Record<string, Cost>
  ingest: Record<string, IngestCost>
}

/** What records take that came into empty tables. */
export interface Rows {
  tables: Record<'calls' | 'turns' | 'record_keys', RowSize>
  ingest: Record<string, IngestCost>
  recording: RecordingCost
  retention: RetentionRate
}

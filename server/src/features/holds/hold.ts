/** A legal hold: who protects a call from deletion, since when and why. */
export interface Hold {
  callId: string
  reason: string
  /** `system`, or `key:` and the key's id. */
  setBy: string
  setAt: Date
}

export interface HoldRow {
  account_id: number
  call_id: string
  reason: string
  set_by: string
  set_at: Date
  released_at: Date | null
  is_synced: boolean
}

export function holdFrom(row: HoldRow): Hold {
  return { callId: row.call_id, reason: row.reason, setBy: row.set_by, setAt: row.set_at }
}

/** A command that sends a first call to this server. */
export function sendExample(origin: string): string {
  return `curl ${origin}/v1/ingest/calls \\
  -H "X-Api-Key: ak_live_…" -H "Content-Type: application/json" \\
  -d '{"id":"call-1","channel":"phone","status":"completed",
       "startedAt":"2026-05-03T14:05:07Z","durationSeconds":185}'`
}

# 1. Start the export
API_KEY="ak_live_..."
HMAC_KEY="hmac_..."
BASE="https://api.auralytik.ai"
BODY='{"dateFrom":"2026-05-03","dateTo":"2026-05-10","format":"csv","timezone":"America/Santiago"}'
TS=$(date +%s)
PATH_REQ="/api/v1/exports/ai-calls"
BODY_HASH=$(echo -n "$BODY" | openssl dgst -sha256 -binary | base64)
SIG=$(echo -n "$TS.POST.$PATH_REQ.$BODY_HASH" | openssl dgst -sha256 -hmac "$HMAC_KEY" -binary | base64)
curl -X POST "$BASE$PATH_REQ" \
-H "X-Api-Key: $API_KEY" \
-H "X-Timestamp: $TS" \
-H "X-Signature: $SIG" \
-H "Content-Type: application/json" \
-d "$BODY"

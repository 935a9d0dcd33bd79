#!/usr/bin/env python3
"""Auralytik — AI Calls Export reference client. Standard library only."""
import argparse, base64, hashlib, hmac, json, os, sys, time
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from urllib.error import HTTPError
BASE = "https://api.auralytik.ai"
def sign(method, url, body_bytes, hmac_key):
    ts = str(int(time.time()))
    path = urlsplit(url).path or "/"
    body_hash = base64.b64encode(hashlib.sha256(body_bytes).digest()).decode()
    canonical = f"{ts}.{method.upper()}.{path}.{body_hash}"
    sig = base64.b64encode(
        hmac.new(hmac_key.encode(), canonical.encode(), hashlib.sha256).digest()
    ).decode()
    return ts, sig
def call(method, url, api_key, hmac_key, body=None):
    headers = {"X-Api-Key": api_key, "Accept": "application/json"}
    body_b = b""
    if body is not None:
        headers["Content-Type"] = "application/json"
        body_b = json.dumps(body).encode()
    ts, sig = sign(method, url, body_b, hmac_key)
    headers["X-Timestamp"] = ts
    headers["X-Signature"] = sig
    req = Request(url, data=body_b if body else None, method=method, headers=headers)
    try:
        with urlopen(req, timeout=60) as r: return r.status, json.loads(r.read())
    except HTTPError as e: return e.code, json.loads(e.read())
# Start
body = {"dateFrom": "2026-05-03", "dateTo": "2026-05-10",
        "format": "csv", "timezone": "America/Santiago"}
status, resp = call("POST", f"{BASE}/api/v1/exports/ai-calls",
                    os.environ["API_KEY"], os.environ["HMAC_KEY"], body)
job_id = resp["data"]["jobId"]
# Poll
while True:
    _, resp = call("GET", f"{BASE}/api/v1/exports/{job_id}",
                   os.environ["API_KEY"], os.environ["HMAC_KEY"])
    job = resp["data"]
    print(f"status={job['status']} progress={job.get('progress', 0)}%")
    if job["status"] == "completed": break
    if job["status"] == "failed": sys.exit(job.get("error"))
    time.sleep(2)
# Download
with urlopen(job["downloadUrl"]) as r, open(job["fileName"], "wb") as f:
    f.write(r.read())
print(f"Saved: {job['fileName']}")

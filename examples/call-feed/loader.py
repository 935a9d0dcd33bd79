#!/usr/bin/env python3
"""Loads every finished call from the call feed into CSV files, each call once. Standard library only.

    EARSHOT_URL=https://calls.example.com EARSHOT_JWT=eyJ… python3 loader.py [folder]

Run it as often as you like, for example nightly: a run goes on where the one before ended. The names of the files say
which calls they hold (calls-FIRST-LAST.csv), so they are all the state there is. EARSHOT_PER_PAGE sets the calls in a
page and file (1,000).
"""
import csv, io, os, re, sys, time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

URL = os.environ.get("EARSHOT_URL", "http://127.0.0.1:8080").rstrip("/")
PER_PAGE = int(os.environ.get("EARSHOT_PER_PAGE", "1000"))
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "calls")


def highest_exported() -> int:
    """The highest callId that a file holds; 0 at first."""
    names = (re.fullmatch(r"calls-(\d+)-(\d+)\.csv", path.name) for path in FOLDER.iterdir())
    return max((int(name[2]) for name in names if name), default=0)


def get_page(page: int, after: int) -> bytes:
    query = urlencode(
        {"format": "csv", "per_page": PER_PAGE, "page": page, "afterCallId": after, "consecutive": "true"}
    )
    request = Request(f"{URL}/v1/sa/call?{query}", headers={"Authorization": f"Bearer {os.environ['EARSHOT_JWT']}"})
    while True:
        try:
            with urlopen(request, timeout=120) as answer:
                return answer.read()
        except HTTPError as error:
            # Too many requests, or busy: the server says when to come back.
            if error.code not in (429, 503):
                sys.exit(f"The server answers {error.code}: {error.read().decode()}")
            time.sleep(int(error.headers.get("Retry-After", "5")))


def save(content: bytes, first: int, last: int) -> None:
    """A file is there whole or not at all, whenever the loader is interrupted."""
    draft = FOLDER / "draft"
    draft.write_bytes(content)
    draft.rename(FOLDER / f"calls-{first:09d}-{last:09d}.csv")


def main() -> None:
    if "EARSHOT_JWT" not in os.environ:
        sys.exit("Set EARSHOT_JWT to the token that `earshot keys create` printed.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Constant over the run, while the page counts up.
    after = highest_exported()
    page, exported = 1, 0
    while True:
        content = get_page(page, after)
        # Not split into lines first: texts in quotes may hold line breaks.
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
        if not rows:
            break
        call_id = header.index("callId")
        save(content, int(rows[0][call_id]), int(rows[-1][call_id]))
        exported += len(rows)
        page += 1
    print(f"{exported} calls exported; the highest callId is {highest_exported()}.")


main()

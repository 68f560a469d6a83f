"""Sanitise comments for an outside judge, without a database.

Reads lines of JSON with ``id`` and ``payload`` from standard input, writes lines with ``id`` and ``html``; a
text that is refused has an empty ``html`` and an ``error``. Run from anywhere: python
benchmarks/sanitize_stdin.py
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from comments.markup import sanitize


def main() -> None:
    for line in sys.stdin:
        comment = json.loads(line)
        answer = {"id": comment["id"], "html": ""}
        try:
            answer["html"] = sanitize(comment["payload"])
        except ValueError as error:
            answer["error"] = str(error)
        print(json.dumps(answer))


if __name__ == "__main__":
    main()

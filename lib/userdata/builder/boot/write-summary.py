# The last line of a build's log: one JSON object, for metric filters and queries.
#
#     write-summary.py OUTCOME IMAGES BYTES SNAPSHOT FAILURE [STEP SECONDS]...
#
# A text that is empty, and what is not known yet, is null.
import json, sys

outcome, images, used, snapshot, failure, *steps = sys.argv[1:]
summary = {
    "outcome": outcome,
    "seconds": dict(zip(steps[::2], map(int, steps[1::2]))),
    "images": int(images) if images else None,
    "bytes": int(used) if used else None,
    "snapshot": snapshot or None,
    # One sentence on one line, whatever bytes a failure has.
    "failure": " ".join(failure.encode(errors="replace").decode().split())[:500] or None,
}
print(json.dumps(summary))

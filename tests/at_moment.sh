#!/bin/sh
# Runs the tests at another moment: tests/at_moment.sh '2027-03-28 02:30' [arguments for pytest]
#
# The moment is Amsterdam's, unless it names a zone (2027-03-28T02:30Z); an hour that the clock skips is an hour later.
# TZ sets the zone of the machine, which must make no difference: TZ=Europe/Amsterdam tests/at_moment.sh ...
#
# Why faketime gets help:
# - The moment goes in as seconds from now: every program that is started, in whatever order, has the same clock.
# - FAKETIME_DONT_FAKE_MONOTONIC: Python's threads wait by the monotonic clock, past faketime, and would wait for ever.
# - moment/waits.c: two waits that faketime gets wrong.
# Files keep their true times. A program that is started with an environment of its own gets tests.parts.surroundings(),
# or it is back in the present.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { sed -n '2s/^# //p' tests/at_moment.sh >&2; exit 2; }
for part in faketime gcc; do
    command -v "$part" >/dev/null || { echo "$part is missing: apt-get install $part" >&2; exit 1; }
done

seconds=$(.venv/bin/python - "$1" <<'PYTHON'
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

try:
    at = datetime.fromisoformat(sys.argv[1])
except ValueError:
    sys.exit(f"{sys.argv[1]} is no moment: write it as '2027-03-28 02:30'")
at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo("Europe/Amsterdam"))
print(f"{at.timestamp() - time.time():+.0f}")
PYTHON
)
shift
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$folder" # PostgreSQL runs as somebody else
gcc -shared -fPIC -O2 -Wall -Werror -o "$folder/waits.so" tests/moment/waits.c
export FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD="$folder/waits.so"
# PostgreSQL's programs run as somebody else: what faketime shares must be open to them, or each makes its own, under a
# name that a program which was killed may have left behind.
faketime -m -f "$seconds" sh -c '
    for name in $FAKETIME_SHARED; do
        chmod -f a+rw "/dev/shm/sem.${name#/}" "/dev/shm/${name#/}" || true
    done
    exec .venv/bin/python -m pytest -q "$@"' pytest "$@"

"""Makes tests/schedules.json: the slots of some schedules by libraries that Orgscope does not use.

    pip install croniter==7.0.0 tzdata==2026.6 && python3 tests/schedules.py

croniter says which times of a clock on a wall an expression means, CPython's zoneinfo when the clock shows them. The rule for
times that are not shown, or twice, is written out here once more (docs/automations.md states it).
"""

import hashlib
import json
import pathlib
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]
CRONS = [
    "0 * * * *", "*/15 * * * *", "30 */2 * * *", "0 8 * * *", "30 2 * * *", "15 2 * * *", "*/10 1-3 * * *", "45 1 * * SUN",
    "0 0 1 * *", "0 0 L * *", "0 9 31 * *", "0 8 * * MON-FRI", "0 12 29 2 *", "5,35 0,2,14 * MAR,APR,SEP,OCT,NOV *",
]
FROM, TO = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2031, 1, 1, tzinfo=timezone.utc)


def meant(cron):
    """The times of a clock that the expression means, over the five years and a day on either side."""
    at = croniter(cron, FROM.replace(tzinfo=None) - timedelta(days=2))
    while (time := at.get_next(datetime)) < TO.replace(tzinfo=None) + timedelta(days=2):
        yield time


def moves(zone):
    """When the zone's clock is moved: each second at which its offset is another than before."""
    hour = FROM - timedelta(days=2)
    while hour < TO + timedelta(days=2):
        if hour.astimezone(zone).utcoffset() != (hour + timedelta(hours=1)).astimezone(zone).utcoffset():
            low, high = hour, hour + timedelta(hours=1)
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                same = middle.astimezone(zone).utcoffset() == hour.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high.replace(microsecond=0)
        hour += timedelta(hours=1)


def instants(time, zone, follows_the_clock, jumps):
    first, second = (time.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    is_shown = first.astimezone(zone).replace(tzinfo=None) == time
    if not is_shown:
        return [] if follows_the_clock else [max(jump for jump in jumps if jump <= max(first, second))]
    return sorted({first, second}) if follows_the_clock else [first]


def text(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


cases = []
for name in ZONES:
    zone = ZoneInfo(name)
    jumps = list(moves(zone))
    for cron in CRONS:
        follows = cron.split()[1].startswith("*")
        slots = sorted({i for time in meant(cron) for i in instants(time, zone, follows, jumps) if FROM <= i < TO})
        digest = hashlib.sha256("\n".join(str(int(slot.timestamp())) for slot in slots).encode()).hexdigest()[:32]
        near = [(jump - timedelta(hours=2), jump + timedelta(hours=2)) for jump in jumps if FROM < jump < TO][:4]
        near = [{"from": text(a), "to": text(b), "slots": [text(slot) for slot in slots if a <= slot < b]} for a, b in near]
        cases.append({"cron": cron, "timeZone": name, "count": len(slots), "digest": digest, "near": near})

file = pathlib.Path(__file__).with_name("schedules.json")
file.write_text('{"cases":[\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n")

"""Sum the JUnit reports of several pytest runs into one closing line of pytest's kind.

closing_line.py --line FOLDER PART...   the line, exit status 1 when anything failed
closing_line.py --short FOLDER RUN      the counts of one run alone

A part is a run, or "a+b" when two runs have shared its tests.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

WIDTH = 80
COUNTED = ("failed", "passed", "skipped", "error")


def read_counts(report: Path) -> dict[str, float]:
    """Counts of one run; a run without a report is an error."""
    try:
        suite = ElementTree.parse(report).getroot().find("testsuite").attrib
    except (OSError, ElementTree.ParseError, AttributeError):
        return {"passed": 0, "failed": 0, "skipped": 0, "error": 1, "time": 0.0}
    counts = {
        "failed": int(suite["failures"]),
        "skipped": int(suite["skipped"]),
        "error": int(suite["errors"]),
        "time": float(suite["time"]),
    }
    bad = counts["failed"] + counts["skipped"] + counts["error"]
    counts["passed"] = max(int(suite["tests"]) - bad, 0)
    return counts


def total(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: sum(run[key] for run in runs) for key in runs[0]}


def read_part(folder: Path, part: str) -> dict[str, float]:
    """Counts of the runs that share a part; a part without tests is an error."""
    counts = total([read_counts(folder / f"{run}.xml") for run in part.split("+")])
    counts["error"] += not any(counts[key] for key in COUNTED)
    return counts


def words(counts: dict[str, float]) -> str:
    parts = [f"{counts[key]:.0f} {key}" for key in COUNTED[:3] if counts[key]]
    if counts["error"]:
        parts.append(f"{counts['error']:.0f} error{'s' * (counts['error'] > 1)}")
    minutes, seconds = divmod(int(counts["time"]), 60)
    length = f" ({minutes // 60}:{minutes % 60:02}:{seconds:02})" if minutes else ""
    return f"{', '.join(parts) or 'no tests'} in {counts['time']:.2f}s{length}"


def main(kind: str, folder: str, *names: str) -> int:
    if kind == "--short":
        print(words(read_counts(Path(folder, f"{names[0]}.xml"))))
        return 0
    counts = total([read_part(Path(folder), name) for name in names])
    print(f" {words(counts)} ".center(WIDTH, "="))
    return int(bool(counts["failed"] or counts["error"]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

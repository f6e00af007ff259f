"""Sum the JUnit reports of several pytest runs into one closing line of pytest's kind.

closing_line.py --line REPORT...      the line, exit status 1 when anything failed
closing_line.py --short REPORT        the counts of one run alone
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

WIDTH = 80


def read_counts(report: Path) -> dict[str, float]:
    """Counts of one run; a run without a report or without tests is an error."""
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
    counts["error"] += not int(suite["tests"])
    return counts


def total(reports: list[Path]) -> dict[str, float]:
    runs = [read_counts(report) for report in reports]
    return {key: sum(run[key] for run in runs) for key in runs[0]}


def words(counts: dict[str, float]) -> str:
    parts = [
        f"{counts[key]:.0f} {key}"
        for key in ("failed", "passed", "skipped")
        if counts[key]
    ]
    if counts["error"]:
        parts.append(f"{counts['error']:.0f} error{'s' * (counts['error'] > 1)}")
    minutes, seconds = divmod(int(counts["time"]), 60)
    length = f" ({minutes // 60}:{minutes % 60:02}:{seconds:02})" if minutes else ""
    return f"{', '.join(parts)} in {counts['time']:.2f}s{length}"


def main(kind: str, *names: str) -> int:
    counts = total([Path(name) for name in names])
    text = words(counts)
    print(text if kind == "--short" else f" {text} ".center(WIDTH, "="))
    return int(bool(counts["failed"] or counts["error"]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

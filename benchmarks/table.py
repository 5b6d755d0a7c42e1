"""The results as a Markdown table: medians, and how far ahead of the best peer."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

OURS = "vfs"
PEERS = ("rclone", "s3fs")


@dataclass(slots=True)
class Row:
    """The seconds of every round by contender, and without a mount."""

    title: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    raw: list[float] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def median(self, contender: str) -> float | None:
        """None where it was not measured, or failed in any round."""
        measured = self.seconds.get(contender)
        return statistics.median(measured) if measured and contender not in self.failures else None

    def ahead(self) -> float | None:
        """How many times less time than the best peer this project takes."""
        ours = self.median(OURS)
        peers = [seconds for peer in PEERS if (seconds := self.median(peer)) is not None]
        return min(peers) / ours if peers and ours is not None else None


def as_markdown(rows: Sequence[Row], contenders: Sequence[str], last: Sequence[str] = ("no mount",)) -> str:
    """`last` heads the column of what was measured without any of them, if there is one."""
    lines = [
        _line(["", *contenders, "best peer / vfs", *last]),
        _line(["---", *("---:" for _ in contenders), "---:", *("---:" for _ in last)]),
    ]
    for row in rows:
        ahead = row.ahead()
        cells = [_cell(row, contender) for contender in contenders]
        raw = [_duration(statistics.median(row.raw)) if row.raw else "" for _ in last]
        lines.append(_line([row.title, *cells, f"**{ahead:.2f}**" if ahead is not None else "", *raw]))
    return "\n".join(lines) + "\n"


def _cell(row: Row, contender: str) -> str:
    if contender in row.failures:
        return "failed"
    median = row.median(contender)
    return "" if median is None else _duration(median)


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def write_between_marks(path: Path, mark: str, table: str) -> None:
    """Put a table between `<!-- mark -->` and `<!-- end of mark -->` in a document that has them once."""
    place = re.compile(f"(<!-- {mark} -->\n).*(<!-- end of {mark} -->)", re.DOTALL)
    written, count = place.subn(lambda found: f"{found[1]}{table}{found[2]}", path.read_text())
    if count != 1:
        raise SystemExit(f"{path} must hold '<!-- {mark} -->' and '<!-- end of {mark} -->' once")
    path.write_text(written)

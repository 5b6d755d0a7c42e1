"""The command: soaks for as long as asked, and prints what came of it."""

import argparse
import sys
import tempfile

from tests.soak.soak import Length, soak


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--kill-every", type=float, default=180.0, metavar="SECONDS")
    parser.add_argument("--restart-store-every", type=float, default=240.0, metavar="SECONDS")
    parser.add_argument("--webdav", action="store_true", help="let clients in by WebDAV, too")
    asked = parser.parse_args()
    length = Length(asked.minutes * 60, asked.kill_every, asked.restart_store_every, asked.webdav)
    with tempfile.TemporaryDirectory(prefix="vfs-soak-") as directory:
        report = soak(directory, length)
    sys.stdout.write(f"{report}\n")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())

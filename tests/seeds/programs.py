"""Small real programs that stand in for ffmpeg, ImageMagick and pandoc: they take the same command lines."""

import os
import sys
from pathlib import Path

NAMES = ("convert", "ffmpeg", "ffprobe", "pandoc", "sharpen")

SOURCE = f"""#!{sys.executable} -IS
import os, sys

program, words = os.path.basename(sys.argv[0]), sys.argv[1:]
inputs = [words[i + 1] for i, word in enumerate(words) if word == "-i"] or words[:1]
data = b"".join(open(path, "rb").read() for path in inputs)
if data.startswith(b"damaged"):
    sys.exit(f"{{program}}: {{os.path.basename(inputs[0])}}: invalid data")
if program == "ffprobe":
    print(len(data), "bytes")
elif program == "sharpen":
    open(words[0], "wb").write(data + b"!")
else:
    output = words[words.index("-o") + 1] if "-o" in words else words[-1]
    made = {{"ffmpeg": data.upper(), "convert": data[:5], "pandoc": b"%PDF " + data}}
    open(output, "wb").write(made[program])
    print("wrote", os.path.basename(output))
"""


def install(folder: Path) -> str:
    """Put the programs into a folder; the search path on which they come first."""
    for name in NAMES:
        program = folder / name
        program.write_text(SOURCE)
        program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"

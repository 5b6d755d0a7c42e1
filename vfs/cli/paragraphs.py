"""The texts below `--help`, as wide as the terminal is."""

import argparse


class Paragraphs(argparse.HelpFormatter):
    """Keeps the paragraphs of a text apart, and breaks their lines where the terminal ends."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        return "\n\n".join(fill(paragraph, width, indent) for paragraph in text.split("\n\n"))

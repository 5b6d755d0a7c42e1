"""What a terminal is shown of names."""

from vfs.cli.output import printable


def test_a_terminal_shows_names_and_never_obeys_them() -> None:
    """Control characters, direction marks and stray bytes are shown as escapes."""
    assert printable("a\x1b[31m\n\u202egpj.\udcff") == r"a\e[31m\n\u202egpj.\udcff"
    assert printable("söt 🙂") == "söt 🙂"

"""Whether bytes are one JSON text (RFC 8259), told as they pass: nothing is built and little is held."""

import codecs
import re
from typing import NoReturn

from vfs.engine.backend import Buffer

_STRING = r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+'
_SCALAR_TEXT = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null"
_TOKEN = re.compile(rf'[ \t\n\r]*+(?:([\[\]{{}}:,])|("{_STRING}")|((?:{_SCALAR_TEXT})(?=[ \t\n\r\]}},])))')
_SPACE = re.compile(r"[ \t\n\r]*")
_STRING_PART = re.compile(_STRING)
_WORD = re.compile(r"[-+.0-9A-Za-z]*")
_SCALARS = re.compile(_SCALAR_TEXT)

_SIGNS = frozenset('[]{}:,"')
_SCALAR = "0"
_BEGIN_VALUES = ('"', _SCALAR, "[", "{")
_KINDS = ("", "", '"', _SCALAR)
"""What stands for each group of a token; the first group stands for itself."""

LONGEST_NUMBER = 4096
"""Characters; no other part of a text must be held whole."""

_LONGEST_ESCAPE = len(r"\u0000")


# What may come next, as a message says it.
_VALUE = "a value"
_VALUE_OR_END = "a value or ']'"
_KEY = "a name in double quotes"
_KEY_OR_END = "a name in double quotes or '}'"
_COLON = "':'"
_COMMA_OR_BRACKET = "',' or ']'"
_COMMA_OR_BRACE = "',' or '}'"
_NOTHING = "nothing more"

_VALUES = (_VALUE, _VALUE_OR_END)
_FOLLOWS = {
    (_KEY, '"'): _COLON,
    (_KEY_OR_END, '"'): _COLON,
    (_COLON, ":"): _VALUE,
    (_COMMA_OR_BRACKET, ","): _VALUE,
    (_COMMA_OR_BRACE, ","): _KEY,
}
_CLOSED_BY = {
    _VALUE_OR_END: "]",
    _COMMA_OR_BRACKET: "]",
    _KEY_OR_END: "}",
    _COMMA_OR_BRACE: "}",
}


class NotJson(ValueError):
    """The message says at which line and column, and what was expected there."""


class JsonText:
    """Takes a text piece by piece. Raises NotJson with line, column and what was expected there."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._held = ""
        self._line = 1
        self._column = 1
        self._want = _VALUE
        self._inside: list[str] = []
        """What may come after a value in each open array and object, the innermost last."""
        self._in_string = False
        self.is_empty = True
        """Whether nothing has come yet."""

    def feed(self, piece: Buffer) -> None:
        if len(piece):
            self.is_empty = False
            self._take(self._decoded(piece, final=False), final=False)

    def finish(self) -> None:
        """No more comes: raises NotJson where the text is not complete."""
        self._take(self._decoded(b"", final=True), final=True)
        if self._in_string or self._want is not _NOTHING:
            self._refuse("the text ends too early")

    def _decoded(self, piece: Buffer, *, final: bool) -> str:
        try:
            return self._decode(bytes(piece), final)
        except UnicodeDecodeError as error:
            raise NotJson(f"line {self._line} or later: not UTF-8") from error

    def _take(self, text: str, *, final: bool) -> None:
        text = self._held + text
        at = 0
        while at < len(text):
            after = at if self._in_string else self._tokens(text, at)
            if after == at:
                after = self._string(text, at, final) if self._in_string else self._token(text, at, final)
            if after == at:
                break
            self._passed(text, at, after)
            at = after
        self._held = text[at:]

    def _passed(self, text: str, start: int, end: int) -> None:
        lines = text.count("\n", start, end)
        self._line += lines
        self._column = end - text.rindex("\n", start, end) if lines else self._column + end - start

    def _tokens(self, text: str, at: int) -> int:
        """Pass over all that are whole and where they belong; `_token` says what is wrong with the next."""
        while (found := _TOKEN.match(text, at)) is not None:
            kind = found[1] or _KINDS[found.lastindex or 0]
            if not self._fits(kind):
                break
            at = found.end()
        return at

    def _fits(self, kind: str) -> bool:
        """Take in one token, by its character, if it belongs here."""
        want = self._want
        if want in _VALUES and kind in _BEGIN_VALUES:
            self._value_began(kind)
        elif follows := _FOLLOWS.get((want, kind)):
            self._want = follows
        elif kind == _CLOSED_BY.get(want):
            self._inside.pop()
            self._value_ended()
        else:
            return False
        return True

    def _value_began(self, kind: str) -> None:
        if kind == "[":
            self._inside.append(_COMMA_OR_BRACKET)
            self._want = _VALUE_OR_END
        elif kind == "{":
            self._inside.append(_COMMA_OR_BRACE)
            self._want = _KEY_OR_END
        else:
            self._value_ended()

    def _value_ended(self) -> None:
        self._want = self._inside[-1] if self._inside else _NOTHING

    def _string(self, text: str, at: int, final: bool) -> int:
        """What can be passed of a string; no progress where the rest of an escape is yet to come."""
        match = _STRING_PART.match(text, at)
        end = at if match is None else match.end()
        if end == len(text):
            return end
        if text[end] == '"':
            self._in_string = False
            return end + 1
        if text[end] == "\\" and len(text) - end < _LONGEST_ESCAPE and not final:
            return end
        self._passed(text, at, end)
        return self._refuse("a control character or an unknown escape in a string")

    def _token(self, text: str, at: int, final: bool) -> int:
        space = _SPACE.match(text, at)
        if space is not None and space.end() > at:
            return space.end()
        if text[at] in _SIGNS:
            if not self._fits(text[at]):
                self._refuse(f"expected {self._want}")
            self._in_string = text[at] == '"'
            return at + 1
        return self._scalar(text, at, final)

    def _scalar(self, text: str, at: int, final: bool) -> int:
        """A number or a word; no progress where more of it may come."""
        match = _WORD.match(text, at)
        word = "" if match is None else match[0]
        if len(word) > LONGEST_NUMBER:
            self._refuse(f"a number of more than {LONGEST_NUMBER} characters")
        if word and at + len(word) == len(text) and not final:
            return at
        if _SCALARS.fullmatch(word) is None or not self._fits(_SCALAR):
            self._refuse(f"expected {self._want}")
        return at + len(word)

    def _refuse(self, reason: str) -> NoReturn:
        raise NotJson(f"line {self._line}, column {self._column}: {reason}")

"""Content-Disposition: under which name a client is to keep a file (RFC 6266)."""

import re
import unicodedata
from urllib.parse import quote

_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\%/]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f/]")


def content_disposition(name: str, *, is_attachment: bool) -> str:
    """The header's value for a name of any characters.

    Names beyond plain ASCII come twice: in letters that old clients read, and exactly, in UTF-8. What is no
    character at all, a control or a slash is `_`.
    """
    kind = "attachment" if is_attachment else "inline"
    exact = _CONTROL.sub("_", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    letters = unicodedata.normalize("NFKD", exact)
    plain = _UNSAFE.sub("_", "".join(each for each in letters if not unicodedata.combining(each)))
    if plain == exact:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(exact, safe='')}"

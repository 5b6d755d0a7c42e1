"""Rights: what a user may do at a place, which is a path from the folder of all mounts: `/mount/folder`."""

from collections.abc import Iterator, Mapping

from vfs.config.webdav import Right, User
from vfs.engine.option_types import MountPath

_ORDER: dict[Right, int] = {"none": 0, "read": 1, "write": 2}


class Rights:
    """One user's. What is written of a folder holds below it, until something deeper is written."""

    def __init__(self, user: User | None) -> None:
        """Without a user, everything is allowed."""
        self._elsewhere: Right = "write" if user is None else user.rights
        places: Mapping[MountPath, Right] = {} if user is None else user.places
        self._written: dict[str, Right] = {_path(place): right for place, right in places.items()}
        self.root = "/" if user is None or user.root is None else _path(user.root)
        """The folder that is the user's whole tree."""

    def whole(self, path: str) -> str:
        """The place of a path as the user writes it."""
        if self.root == "/":
            return path
        return self.root if path == "/" else self.root + path

    def at(self, place: str) -> Right:
        if self._written:
            for above in _upwards(place):
                if above in self._written:
                    return self._written[above]
        return self._elsewhere

    def may(self, place: str, right: Right) -> bool:
        return _ORDER[self.at(place)] >= _ORDER[right]

    def may_below(self, place: str, right: Right) -> bool:
        """Whether the user may do it there and everywhere below."""
        below = [path for path in self._written if _is_below(path, place)]
        return all(self.may(each, right) for each in (place, *below))

    def sees(self, place: str) -> bool:
        """Whether the user may know of a place: to read it, or something below it."""
        if self.may(place, "read"):
            return True
        return any(right != "none" and _is_below(path, place) for path, right in self._written.items())


def _path(place: MountPath) -> str:
    return f"/{place.mount}/{place.key}" if place.key else f"/{place.mount}"


def _upwards(place: str) -> Iterator[str]:
    while place:
        yield place
        place = place.rpartition("/")[0]


def _is_below(path: str, place: str) -> bool:
    return path.startswith("/" if place == "/" else f"{place}/")

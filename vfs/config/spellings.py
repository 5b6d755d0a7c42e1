"""Other words for the same: what people write who know fsspec or other configurations, in our own words.

A protocol of fsspec may stand as a storage's type; every key that is not the mount's own is then an option of
its driver, under the driver's name for it or under the one that people know.
"""

from collections.abc import Callable, Mapping

from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.spelling import did_you_mean, nearest

Keys = dict[str, object]

_OURS = {"abfs": "azure", "abfss": "azure", "az": "azure", "file": "local", "gs": "gcs", "s3a": "s3"}
"""Protocols that a storage type of ours stands for."""

_BRIDGE = "fsspec"


def type_written(keys: Mapping[str, object]) -> object:
    """The storage type that a mount's keys ask for: one of ours, else as it was written; None without any."""
    written = keys.get("type", keys.get("protocol"))
    if written is None and ":" in str(keys.get("path", "")):
        return "relative"
    if written == "zip" and "target_protocol" in keys:
        return _BRIDGE
    if not isinstance(written, str) or written in STORAGE_TYPES:
        return written
    if _OURS.get(written) in STORAGE_TYPES:
        return _OURS[written]
    return _BRIDGE if written in known_protocols() else written


def in_our_words(keys: Mapping[str, object], storage_type: str, mount_keys: frozenset[str]) -> Keys:
    """A mount's keys with `type`, and without `protocol` where that said the same.

    `mount_keys` are those that every mount may have; `storage_type` is what `type_written` gave.
    """
    written = keys.get("type", keys.get("protocol"))
    if storage_type == _BRIDGE and written != _BRIDGE:
        return _over_the_bridge(str(written), keys, mount_keys)
    ours = {**keys, "type": storage_type}
    if "type" not in keys:
        ours.pop("protocol", None)
    if storage_type == "zip" and ours.get("mode") == "r":
        ours.setdefault("permissions", "readonly")
    return ours


def meant(word: str) -> str:
    """The end of a message about a word that is no storage type."""
    guess = nearest(word, [*STORAGE_TYPES.names, *known_protocols()])
    return did_you_mean(word, STORAGE_TYPES.names if guess is None else [guess])


def words_of(storage_type: str) -> list[str]:
    """The words that ask for a storage type of ours."""
    return [storage_type, *(word for word, ours in _OURS.items() if ours == storage_type)]


def protocols() -> frozenset[str]:
    """The protocols of fsspec that may stand as a storage's type: those that no word of ours stands for."""
    return known_protocols() - set(STORAGE_TYPES.names) - _OURS.keys()


def known_protocols() -> frozenset[str]:
    """Every protocol that fsspec has a driver for, be that installed or not."""
    # Late: most configurations need nothing of fsspec.
    from vfs.engine.backends.fsspec import options

    return options.known_protocols()


def _over_the_bridge(protocol: str, keys: Mapping[str, object], mount_keys: frozenset[str]) -> Keys:
    spelled = "type" if "type" in keys else "protocol"
    given = {key: value for key, value in keys.items() if key != spelled}
    mount = {key: given.pop(key) for key in tuple(given) if key in mount_keys}
    options = given.pop("options", {})
    if "base_path" in given and "path" not in given:
        given["path"] = given.pop("base_path")
    _DRIVERS_WORDS.get(protocol, _as_they_are)(given)
    for key in ("path", "create"):
        if key in given:
            mount[key] = given.pop(key)
    if protocol == "git" and "path" in mount:
        given["path"] = mount.pop("path")
    whole = {**given, **options} if isinstance(options, Mapping) else options
    return {**mount, "type": _BRIDGE, "protocol": protocol, "options": whole}


def _as_they_are(keys: Keys) -> None:
    """Most drivers take the names that people write."""


def _smb(keys: Keys) -> None:
    """The share is the first folder of the driver's paths, the domain stands before the user's name."""
    if "share" in keys:
        below = str(keys.get("path", "")).strip("/")
        keys["path"] = f"/{keys.pop('share')}/{below}".rstrip("/")
    if "domain" in keys and "username" in keys:
        keys["username"] = f"{keys.pop('domain')}\\{keys['username']}"


def _webdav(keys: Keys) -> None:
    """The driver hands what it does not know to its HTTP client, which has its own words for credentials."""
    if "url" in keys:
        keys["base_url"] = keys.pop("url")
    if "username" in keys:
        keys["auth"] = (keys.pop("username"), keys.pop("password", ""))
    if "token" in keys:
        keys["headers"] = {"Authorization": f"Bearer {keys.pop('token')}"}
    if "verify_ssl" in keys:
        keys["verify"] = keys.pop("verify_ssl")


def _archive(keys: Keys) -> None:
    """The driver's word for the archive is `fo`; it is only read, whatever `mode` says."""
    if "file" in keys:
        keys["fo"] = keys.pop("file")
    keys.pop("mode", None)


_DRIVERS_WORDS: dict[str, Callable[[Keys], None]] = {
    "libarchive": _archive,
    "smb": _smb,
    "tar": _archive,
    "webdav": _webdav,
    "zip": _archive,
}

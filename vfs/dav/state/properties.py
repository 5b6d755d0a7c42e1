"""Dead properties: what clients tell of a file and want to hear again, in a SQLite file."""

from collections.abc import Mapping

from vfs.dav.state.database import Database
from vfs.dav.state.keys import end_of_tree, key_of, parent_of, url_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS property (
    key BLOB NOT NULL,
    name TEXT NOT NULL,
    parent BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (key, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS property_by_parent ON property (parent);
"""


class PropertyStore:
    """What the protocol library asks of a property manager: properties by path, the name in Clark's notation.

    A path may be written with or without a slash at its end. `environ` is of no account. Raises StorageError
    where the file cannot be used.
    """

    def __init__(self, path: str) -> None:
        self._database = Database(path, _SCHEMA, {"parent_of": parent_of, "rebased": _rebased})

    def get_properties(self, norm_url: str, environ: object = None) -> list[str]:
        """The names of a path's properties."""
        rows = self._database.rows("SELECT name FROM property WHERE key = ?", (key_of(norm_url),))
        return [name for (name,) in rows]

    def get_property(self, norm_url: str, name: str, environ: object = None) -> bytes | None:
        """The XML element that was stored; None where there is none."""
        rows = self._database.rows(
            "SELECT value FROM property WHERE key = ? AND name = ?", (key_of(norm_url), name)
        )
        return bytes(rows[0][0]) if rows else None

    def properties_of(self, url: str) -> Mapping[str, bytes]:
        """All properties of a path, by name."""
        rows = self._database.rows("SELECT name, value FROM property WHERE key = ?", (key_of(url),))
        return dict(rows)

    def properties_in(self, folder: str) -> Mapping[str, Mapping[str, bytes]]:
        """Those of all that stands directly in a folder, by path without a slash at its end: in one query."""
        rows = self._database.rows(
            "SELECT key, name, value FROM property WHERE parent = ?", (key_of(folder),)
        )
        found: dict[str, dict[str, bytes]] = {}
        for key, name, value in rows:
            found.setdefault(url_of(key), {})[name] = value
        return found

    def knows(self, url: str) -> bool:
        """Whether there is any property of a path, or of what is below it."""
        key = key_of(url)
        return bool(
            self._database.rows(
                "SELECT 1 FROM property WHERE key >= ? AND key < ? LIMIT 1", (key, end_of_tree(key))
            )
        )

    def remove_seen(self, url: str, seen: Mapping[str, bytes]) -> None:
        """Remove properties of a path that still are what they were when they were seen."""
        key = key_of(url)
        with self._database.alone():
            for name, value in seen.items():
                self._database.change(
                    "DELETE FROM property WHERE key = ? AND name = ? AND value = ?", (key, name, value)
                )

    def write_property(
        self,
        norm_url: str,
        name: str,
        property_value: bytes | str,
        dry_run: bool = False,
        environ: object = None,
    ) -> None:
        """Set a property, in place of the one of that name."""
        if dry_run:
            return
        value = property_value.encode() if isinstance(property_value, str) else property_value
        key = key_of(norm_url)
        self._database.change("REPLACE INTO property VALUES (?, ?, ?, ?)", (key, name, parent_of(key), value))

    def remove_property(
        self, norm_url: str, name: str, dry_run: bool = False, environ: object = None
    ) -> None:
        """Remove a property; it need not be there."""
        if not dry_run:
            self._database.change("DELETE FROM property WHERE key = ? AND name = ?", (key_of(norm_url), name))

    def remove_properties(self, norm_url: str, environ: object = None) -> None:
        """Forget a path and all below it: it is gone, or something new stands there."""
        key = key_of(norm_url)
        self._database.change("DELETE FROM property WHERE key >= ? AND key < ?", (key, end_of_tree(key)))

    def copy_properties(
        self, src_url: str, dest_url: str, environ: object = None, *, with_children: bool = False
    ) -> None:
        """Give the copy the same properties, in place of what was known of its path; a tree in one act."""
        source, target = key_of(src_url), key_of(dest_url)
        end = end_of_tree(source) if with_children else source + b"\0"
        with self._database.alone():
            self.remove_properties(dest_url)
            self._database.change(
                "INSERT INTO property SELECT rebased(key, ?, ?), name, parent_of(rebased(key, ?, ?)), value "
                "FROM property WHERE key >= ? AND key < ?",
                (source, target, source, target, source, end),
            )

    def move_properties(
        self, src_url: str, dest_url: str, with_children: bool, environ: object = None
    ) -> None:
        """Have what was moved keep its properties, in place of what was known of its new path."""
        source, target = key_of(src_url), key_of(dest_url)
        end = end_of_tree(source) if with_children else source + b"\0"
        with self._database.alone():
            self.remove_properties(dest_url)
            self._database.change(
                "UPDATE property SET key = rebased(key, ?, ?), parent = parent_of(rebased(key, ?, ?)) "
                "WHERE key >= ? AND key < ?",
                (source, target, source, target, source, end),
            )

    def close(self) -> None:
        """Further calls raise StorageError."""
        self._database.close()


def _rebased(key: bytes, source: bytes, target: bytes) -> bytes:
    """A key at or below one place, as it is below another one."""
    return target + key[len(source) :]

"""Archive on storage that keeps none.

    .vfs-history/files/FOLDER/FILE/.vfs-history/RECORD    a name for each version: when, size, content
    .vfs-history/contents/XX/SHA256/content               a content that was replaced
    .vfs-history/contents/XX/SHA256/VERSION               a name for each version that needs it
    .vfs-history/incoming/NAME                            contents on their way

`layer` sees every call, `changes` and `renaming` carry out those that change files, `archive` keeps what was
there and notes what is there now, on `records` and `contents`; `past` tells and reads versions.
"""

from vfs.engine.layers.versioned.layer import VersionedLayer, VersionedOptions

__all__ = ["VersionedLayer", "VersionedOptions"]

"""Whether two files hold the same bytes, by the cheapest means that can tell."""

import hashlib
from contextlib import closing

from vfs.engine.copying.inventory import Listed
from vfs.engine.copying.options import Place

_FALLBACK = "md5"


def same_content(source: Place, listed: Listed, target: Place, present: Listed) -> bool:
    """Whether two files that are listed like this hold the same bytes.

    Equal ETags of one store tell without a request; then the stores' own hashes, where both tell the same
    kind; else what is not told is read.
    """
    if _is_one_object(source, listed, target, present):
        return True
    ours, theirs = (place.tree.transfers.content_hash(place.key) for place in (source, target))
    if ours is not None and theirs is not None and ours[0] == theirs[0]:
        return ours[1] == theirs[1]
    known = next((told for told in (theirs, ours) if told and told[0] in hashlib.algorithms_available), None)
    algorithm = known[0] if known else _FALLBACK
    digests = [
        told[1] if told is not None and told[0] == algorithm else digest(place, entry, algorithm)
        for told, place, entry in ((ours, source, listed), (theirs, target, present))
    ]
    return digests[0] == digests[1]


def _is_one_object(source: Place, listed: Listed, target: Place, present: Listed) -> bool:
    if listed.etag is None or (listed.etag, listed.size) != (present.etag, present.size):
        return False
    here, there = source.tree.transfers.original(source.key), target.tree.transfers.original(target.key)
    return here is not None and there is not None and here.store == there.store


def digest(place: Place, listed: Listed, algorithm: str) -> str:
    """The hex digest of a file's bytes, all of one state of it."""
    found = hashlib.new(algorithm, usedforsecurity=False)
    with closing(place.tree.transfers.take_out(place.key, listed.entry)) as file:
        for piece in file.pieces():
            found.update(piece)
    return found.hexdigest()

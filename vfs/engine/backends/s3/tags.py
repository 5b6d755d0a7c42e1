"""Tags of the objects of a bucket: a request each to ask and to set."""

from collections.abc import Mapping

from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.errors import InvalidPath, NotFound

MOST_TAGS = 10
LONGEST_NAME = 128
LONGEST_VALUE = 256
"""Of S3, in characters."""


class Tags:
    """`KeepsTags` of a bucket."""

    def __init__(self, connection: Connection, places: Places) -> None:
        self._connection = connection
        self._places = places

    def get_tags(self, key: str) -> dict[str, str]:
        object_key = self._object_key(key)
        try:
            answer = self._connection.calls.call("get_object_tagging", key, Key=object_key)
        except NotFound as error:
            raise self._places.missing(key) from error
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagSet", ())}

    def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        object_key = self._object_key(key)
        _check(key, tags)
        told = [{"Key": name, "Value": value} for name, value in tags.items()]
        try:
            self._connection.calls.call("put_object_tagging", key, Key=object_key, Tagging={"TagSet": told})
        except NotFound as error:
            raise self._places.missing(key) from error

    def _object_key(self, key: str) -> str:
        """SeaweedFS keeps tags of folders too: those that we know of are refused."""
        object_key = self._places.object_key(key)
        self._places.refuse_folder(key)
        return object_key


def _check(key: str, tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise InvalidPath(f"an object has at most {MOST_TAGS} tags", key)
    for name, value in tags.items():
        if not 1 <= len(name) <= LONGEST_NAME or len(value) > LONGEST_VALUE:
            raise InvalidPath(
                f"a tag has a name of 1 to {LONGEST_NAME} and a value of up to {LONGEST_VALUE} characters",
                key,
            )

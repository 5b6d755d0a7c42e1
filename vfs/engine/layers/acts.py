"""Everything that can be asked of a stack, as words: the methods of the contract and of its abilities."""

from enum import StrEnum


class Act(StrEnum):
    """One call. Those on an upload or an open file are told of under the key that it was begun for."""

    STAT = "stat"
    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    MAKE_DIRECTORY = "make_directory"
    REMOVE_DIRECTORY = "remove_directory"
    COPY = "copy"
    COPY_FROM = "copy_from"
    MOVE = "move"
    EXCHANGE = "exchange"
    READ_BEGINNING = "read_beginning"
    READ_RANGES = "read_ranges"
    SWEEP = "sweep"
    COMPLETE_ENTRIES = "complete_entries"
    DELETE_MANY = "delete_many"
    BEGIN_UPLOAD = "begin_upload"
    PUT_PART = "put_part"
    COPY_PART = "copy_part"
    COMPLETE_UPLOAD = "complete_upload"
    ABORT_UPLOAD = "abort_upload"
    LIST_VERSIONS = "list_versions"
    SWEEP_VERSIONS = "sweep_versions"
    RESTORE_VERSION = "restore_version"
    DELETE_VERSION = "delete_version"
    SET_METADATA = "set_metadata"
    URL = "url"
    SET_ATTRIBUTES = "set_attributes"
    MAKE_SYMLINK = "make_symlink"
    READ_SYMLINK = "read_symlink"
    MAKE_LINK = "make_link"
    MAKE_SPECIAL = "make_special"
    GET_XATTR = "get_xattr"
    LIST_XATTRS = "list_xattrs"
    SET_XATTR = "set_xattr"
    REMOVE_XATTR = "remove_xattr"
    OPEN_FILE = "open_file"
    OPEN_TRUNCATED = "open_truncated"
    CREATE_FILE = "create_file"
    FILE_READ = "file_read"
    FILE_WRITE = "file_write"
    FILE_TRUNCATE = "file_truncate"
    FILE_STAT = "file_stat"
    FILE_SET_ATTRIBUTES = "file_set_attributes"
    FILE_FLUSH = "file_flush"
    FILE_SYNC = "file_sync"
    FILE_CLOSE = "file_close"
    CONTENT_HASH = "content_hash"
    ORIGINAL = "original"
    PING = "ping"
    SPACE = "space"


READS = frozenset(
    {
        Act.STAT,
        Act.LIST,
        Act.READ,
        Act.READ_BEGINNING,
        Act.READ_RANGES,
        Act.SWEEP,
        Act.COMPLETE_ENTRIES,
        Act.LIST_VERSIONS,
        Act.SWEEP_VERSIONS,
        Act.URL,
        Act.READ_SYMLINK,
        Act.GET_XATTR,
        Act.LIST_XATTRS,
        Act.CONTENT_HASH,
        Act.ORIGINAL,
        Act.PING,
        Act.SPACE,
    }
)
"""Acts that leave the store as it is, and hand out nothing through which it could be changed."""

REMOVALS = frozenset({Act.DELETE, Act.REMOVE_DIRECTORY, Act.DELETE_MANY, Act.DELETE_VERSION})
"""Acts after which something is no longer there under any name."""

MAKES = frozenset(
    {
        Act.WRITE,
        Act.COPY,
        Act.COPY_FROM,
        Act.MOVE,
        Act.BEGIN_UPLOAD,
        Act.MAKE_SYMLINK,
        Act.MAKE_LINK,
        Act.MAKE_SPECIAL,
        Act.CREATE_FILE,
    }
)
"""Acts after which something other than a new folder may stand at their last key."""

"""The protocol library's classes that ours derive from: untyped, so that checkers are to infer nothing."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    DAVCollection: Any
    DAVNonCollection: Any
    DAVProvider: Any
    RequestServer: Any
    etree: Any
else:
    from wsgidav.dav_provider import DAVCollection, DAVNonCollection, DAVProvider
    from wsgidav.request_server import RequestServer
    from wsgidav.xml_tools import etree

__all__ = ["DAVCollection", "DAVNonCollection", "DAVProvider", "RequestServer", "etree"]

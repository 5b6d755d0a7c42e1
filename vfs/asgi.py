"""Files of nodes for ASGI servers: what `StorageNode.serve` is to WSGI. On asyncio and trio alike."""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any, Unpack

import anyio
from anyio import to_thread

from vfs.aio import AsyncStorageNode
from vfs.engine.nodes import StorageNode
from vfs.engine.serving.answers import Answer
from vfs.engine.serving.options import ServeOptions
from vfs.engine.serving.requests import Request

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def response(node: StorageNode | AsyncStorageNode, **options: Unpack[ServeOptions]) -> Any:
    """What an endpoint of FastAPI or Starlette gives back to have `serve` answer its request."""
    return _response_class()(node, options)


@cache
def _response_class() -> Any:
    from starlette.responses import Response

    class NodeResponse(Response):
        """Whatever the file turns out to be is found when the request is answered."""

        def __init__(self, node: StorageNode | AsyncStorageNode, options: ServeOptions) -> None:
            super().__init__()
            self._node = node
            self._options = options

        async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            await serve(self._node, scope, receive, send, **self._options)

    return NodeResponse


async def serve(
    node: StorageNode | AsyncStorageNode,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
    **options: Unpack[ServeOptions],
) -> None:
    """Answer an HTTP request with a node's file; the options are those of `StorageNode.serve`.

    Whatever may block is done in threads. A client that goes away ends it; what reading raises after the
    answer has begun breaks the connection.
    """
    served = node.serve(**options)
    answer = await to_thread.run_sync(served.answer, _request_of(scope))
    failure: Exception | None = None
    try:
        async with anyio.create_task_group() as group:

            async def stop_when_gone() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(stop_when_gone)
            try:
                await _send(answer, send)
            except Exception as error:  # noqa: BLE001 - raised below, where no group is around it
                failure = error
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(answer.body.close)
    if failure is not None:
        raise failure


async def _send(answer: Answer, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    while piece := await to_thread.run_sync(next, answer.body, b""):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _request_of(scope: MutableMapping[str, Any]) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(scope["method"], headers)

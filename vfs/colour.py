"""Whether code may await where it runs: the colour of the nodes that it is given."""

import sniffio


def may_await() -> bool:
    """True in a task of asyncio or trio, in the loop's own thread."""
    try:
        sniffio.current_async_library()
    except sniffio.AsyncLibraryNotFoundError:
        return False
    # Where a loop runs, and only there, it is worth loading.
    from vfs.aio.threads import is_in_task

    return is_in_task()

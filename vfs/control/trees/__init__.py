"""The trees of a daemon, used by another process of its owner: calls of `FileTree` over the control socket.

A connection is a conversation: one call at a time, its answer, and in between what the daemon wants to know
of the bytes that it is being given. `vfs` uses them, so that what it does is done by who has the caches.
"""

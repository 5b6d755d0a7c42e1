"""The HTTP server under WebDAV: a crew of threads, bodies read only when they are asked for."""

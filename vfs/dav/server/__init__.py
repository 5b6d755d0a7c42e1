"""The HTTP server under WebDAV: a thread for each connection, bodies read only when they are asked for."""

"""The front door for WebDAV: all mounts of a storage as one tree, for desktops, browsers and programs."""

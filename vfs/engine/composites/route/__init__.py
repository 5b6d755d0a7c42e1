"""The storage type `route`: one tree whose files lie in several mounts, by the patterns that they match."""

from vfs.engine.composites.route.backend import RouteBackend, open_route
from vfs.engine.composites.route.options import Route, RouteOptions

__all__ = ["Route", "RouteBackend", "RouteOptions", "open_route"]

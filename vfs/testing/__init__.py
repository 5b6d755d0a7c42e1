"""The conformance suites of backends and layers, for whoever writes one; `pip install 'vfs[testing]'`.

Subclass a suite in a test module, give it a `backend` (or, for a layer, `wrap`), and pytest runs the rest.
"""

import pkgutil

import pytest

# Before they are imported, so that their assertions tell what they compared.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

from vfs.testing.backend import BackendContract  # noqa: E402
from vfs.testing.layer import LayerContract  # noqa: E402
from vfs.testing.layer_content import ContentLayerContract  # noqa: E402
from vfs.testing.layer_store import WatchedStore  # noqa: E402
from vfs.testing.random_acts import RandomActs  # noqa: E402
from vfs.testing.reading import ReadContract, lay_out  # noqa: E402
from vfs.testing.versions import VersionsContract  # noqa: E402

__all__ = [
    "BackendContract",
    "ContentLayerContract",
    "LayerContract",
    "RandomActs",
    "ReadContract",
    "VersionsContract",
    "WatchedStore",
    "lay_out",
]

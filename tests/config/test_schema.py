"""The shipped JSON Schema: up to date, right about what is documented, and strict about mistakes."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from vfs.config import settings_from
from vfs.config.schema import generate, installed, shipped
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.errors import ConfigError
from vfs.engine.layers import LAYER_TYPES

DOCUMENTS = Path(__file__).parents[2] / "docs"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", (DOCUMENTS / "CONFIG.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(shipped())


def test_schema_is_one() -> None:
    """It keeps the rules of its own draft."""
    jsonschema.Draft7Validator.check_schema(shipped())


def test_shipped_schema_is_up_to_date() -> None:
    """What is shipped is what the models say now.

    Otherwise: python -m vfs.config.schema > new.json && mv new.json vfs/config/schema.json
    """
    assert _without_protocols(shipped()) == _without_protocols(generate())


def _without_protocols(schema: dict[str, Any]) -> dict[str, Any]:
    """The protocols are those of the fsspec that is installed, which may be newer."""
    mount = schema["definitions"]["mount"]
    mount["properties"].pop("type")
    mount["allOf"].pop()
    return schema


def test_common_protocols_are_types() -> None:
    """`type: sftp` and its like are completed and valid."""
    *_, last = shipped()["definitions"]["mount"]["allOf"]
    words = last["if"]["anyOf"][0]["properties"]["type"]["enum"]
    assert {"sftp", "ftp", "smb", "webdav", "github", "hdfs"} <= set(words)


def test_every_type_and_layer_is_there() -> None:
    """Each has its own definition."""
    known = shipped()["definitions"]
    assert {f"storage {name}" for name in STORAGE_TYPES.names} <= set(known)
    assert {f"layer {name}" for name in LAYER_TYPES.names} <= set(known)


def test_installed_is_what_is_shipped_where_nothing_else_is_installed() -> None:
    """Without types of other packages nothing needs to be made."""
    assert installed() == shipped()


@pytest.mark.parametrize("example", EXAMPLES)
def test_documented_examples_are_valid(validator: jsonschema.Draft7Validator, example: str) -> None:
    """Every whole configuration in CONFIG.md."""
    validator.validate(yaml.safe_load(example))


VALID: list[Any] = [
    {"mounts": {"m": {"type": "memory", "size": "${SIZE:-1GiB}", "ttl": "5m"}}},
    {"mounts": {"m": {"protocol": "local", "base_path": "/x", "create": True}}},
    [{"name": "uploads", "type": "s3", "bucket": "my-bucket"}],
    [{"name": "local", "protocol": "local", "base_path": "/tmp/storage"}],
    {"mounts": {"m": {"type": "sftp", "host": "h", "username": "u", "port": 22, "path": "/srv"}}},
    {"mounts": {"m": {"type": "fsspec", "protocol": "ftp", "options": {"host": "h"}}}},
    {"mounts": {"m": {"type": "memory", "layers": ["gzip", {"type": "prefix", "prefix": "p"}]}}},
    {"mounts": {"m": {"type": "s3", "bucket": "b", "connections": "${N}", "anon": "${ANON:-false}"}}},
    {"mounts": {"m": {"type": "memory"}}, "main": "m", "cache": {"directory": None, "memory": "64MiB"}},
]


@pytest.mark.parametrize("data", VALID, ids=str)
def test_configurations_that_load_are_valid(validator: jsonschema.Draft7Validator, data: Any) -> None:
    """What the loader takes, the schema takes."""
    environ = {"N": "5"}
    settings_from(data, environ=environ)
    validator.validate(data)


MISTAKES: list[Any] = [
    {},
    {"mounts": {}},
    {"mounts": {"m": {}}},
    {"mounts": {"m": {"type": "memory"}}, "mian": "m"},
    {"mounts": {"m": {"type": "memry"}}},
    {"mounts": {"m": {"type": "memory", "permisions": "readonly"}}},
    {"mounts": {"m": {"type": "memory", "permissions": "rw"}}},
    {"mounts": {"m": {"type": "memory", "ttl": "soon"}}},
    {"mounts": {"m": {"type": "memory", "size": "2 parsecs"}}},
    {"mounts": {"m": {"type": "memory", "name": "m"}}},
    {"mounts": {"m": {"type": "s3"}}},
    {"mounts": {"m": {"type": "s3", "bukcet": "b", "bucket": "b"}}},
    {"mounts": {"m": {"type": "s3", "bucket": 123}}},
    {"mounts": {"m": {"protocol": "local"}}},
    {"mounts": {"a/b": {"type": "memory"}}},
    {"mounts": {"m": {"type": "memory", "layers": "readonly"}}},
    {"mounts": {"m": {"type": "memory", "layers": ["redonly"]}}},
    {"mounts": {"m": {"type": "memory", "layers": [{"type": "prefix"}]}}},
    {"mounts": {"m": {"type": "memory", "layers": [{"type": "readonly", "x": 1}]}}},
    {"mounts": {"m": {"type": "memory"}}, "cache": {"sise": 1}},
    [{"type": "memory"}],
    "just words",
]


@pytest.mark.parametrize("data", MISTAKES, ids=str)
def test_mistakes_are_seen_by_schema_and_loader(validator: jsonschema.Draft7Validator, data: Any) -> None:
    """An editor marks what vfsmount would refuse."""
    with pytest.raises(ConfigError):
        settings_from(data)
    assert not validator.is_valid(data)

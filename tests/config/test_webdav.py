"""The section `webdav`: what is refused before anything listens, and what secrets are never shown."""

from typing import Any

import jsonschema
import pytest

from vfs.config import settings_from
from vfs.config.schema import shipped
from vfs.config.webdav import is_loopback
from vfs.engine.errors import ConfigError

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBzYWx0IGhlcmU$yMbbYMtQYkPqbIpBcOQ6SY7wL7lyhTZn5iQdMOyMqxg"
USERS = {"alice": {"password": HASH}}


def configuration(**webdav: Any) -> dict[str, Any]:
    return {"mounts": {"home": {"type": "memory"}}, "webdav": webdav}


def refusal(**webdav: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        settings_from(configuration(**webdav))
    return caught.value.message


def test_without_the_section_the_defaults_are_served() -> None:
    """`served` is whole, with its state beside the rest of the state."""
    settings = settings_from({"mounts": {"home": {"type": "memory"}}, "state": "/var/lib/vfs"})
    assert settings.webdav is None
    assert (settings.served.host, settings.served.port) == ("127.0.0.1", 8080)
    assert str(settings.served.state) == "/var/lib/vfs/webdav"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_this_machine_s_own_address_needs_no_users(host: str) -> None:
    """What only this machine reaches may be open."""
    assert is_loopback(host)
    assert settings_from(configuration(host=host)).served.host == host


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.0.2.7", "files.example.org", "localhost.example.org"]
)
def test_other_addresses_need_users_and_tls(host: str) -> None:
    """Off the loopback there are users, and TLS unless that is given up in so many words."""
    assert "name `users`" in refusal(host=host)
    assert "name `users`" in refusal(host=host, insecure=True)
    assert "set `tls`" in refusal(host=host, users=USERS)
    settings_from(configuration(host=host, users=USERS, insecure=True))
    settings_from(configuration(host=host, users=USERS, tls={"certificate": "c.pem"}))


@pytest.mark.parametrize("password", ["secret", "$argon2id$", "$2b$12$" + "a" * 53, "", HASH + "\n"])
def test_a_password_that_is_no_hash_is_refused_and_not_repeated(password: str) -> None:
    """Nobody writes a plain password into the file, and no message shows what was written."""
    told = refusal(users={"alice": {"password": password}})
    assert "webdav.users.alice.password" in told
    assert len(password) < 6 or password not in told


def test_hashes_are_in_no_representation() -> None:
    """Whoever prints or dumps settings does not print hashes."""
    settings = settings_from(configuration(users={"a": {"password": HASH, "digest": "0" * 32}}))
    assert HASH not in repr(settings)
    assert "0" * 32 not in repr(settings)


@pytest.mark.parametrize(
    ("webdav", "told"),
    [
        ({"users": {"a:b": {}}}, "cannot name a user"),
        ({"users": {"a\n": {}}}, "cannot name a user"),
        ({"users": {"a": {"folders": {"hom:x": "read"}}}}, "there is no mount 'hom'"),
        ({"users": {"a": {"root": "elsewhere:"}}}, "there is no mount 'elsewhere'"),
        ({"users": {"a": {"folders": {"no mount": "read"}}}}, "must name a mount"),
        ({"users": {"a": {"folders": {"home:": "rw"}}}}, "must be 'none', 'read' or 'write'"),
        ({"users": {"a": {"digest": "x"}}}, "vfs passwd --digest"),
        ({"proxy": {"addresses": ["10.0.0.0/40"]}}, "webdav.proxy.addresses"),
        ({"base_path": "dav"}, "plain path"),
        ({"base_path": "/a/../b"}, "plain path"),
        ({"locks": "memcached://x"}, "redis://"),
        ({"junk": "burn"}, "webdav.junk"),
        ({"tls": {}}, "webdav.tls.certificate: is required"),
        ({"prot": 1}, "did you mean 'port'?"),
        ({"users": {"a": {"pasword": HASH}}}, "did you mean 'password'?"),
    ],
    ids=str,
)
def test_mistakes_are_told(webdav: dict[str, Any], told: str) -> None:
    """Each names what is wrong."""
    assert told in refusal(**webdav)


def test_schema_knows_the_section() -> None:
    """Editors complete users and their rights, and mark a wrong word."""
    validator = jsonschema.Draft7Validator(shipped())
    validator.validate(configuration(port="${PORT}", users={"a": {"password": HASH, "rights": "read"}}))
    assert not validator.is_valid(configuration(users={"a": {"rights": "everything"}}))
    assert not validator.is_valid(configuration(tls={}))
    described = shipped()["definitions"]["User"]["properties"]["password"]["description"]
    assert "vfs passwd" in described

"""Who is let in: passwords, Digest, certificates, proxies; and who waits after wrong ones."""

import time
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from tests.dav.auth_requests import ELSEWHERE, HASHES, PASSWORDS, Asked, basic, digest_answer, settings, user
from vfs.dav.auth.digest import Digests, Stale, parse
from vfs.dav.auth.passwords import Passwords, digest_of, hash_of
from vfs.dav.auth.throttle import Throttle
from vfs.dav.server.environments import CERTIFICATE_NAME
from vfs.engine.waiting import told_before_waits

DIGEST = {"carol": {"digest": digest_of("carol", PASSWORDS["carol"])}}


def test_without_users_nobody_is_asked() -> None:
    """What only this machine reaches may be open."""
    asked = Asked(settings())
    assert asked.status("DELETE") == 200
    assert "REMOTE_USER" not in asked.seen[0]


def test_a_password_lets_in() -> None:
    """The application, the locks and the log hear the name; no other password and no other name does."""
    asked = Asked(settings(users=user("alice") | user("bob")))
    status, headers = asked.ask()
    assert (status, dict(headers)["WWW-Authenticate"]) == (401, 'Basic realm="vfs", charset="UTF-8"')
    assert asked.status(login=basic("alice")) == 200
    assert {asked.seen[0][key] for key in ("REMOTE_USER", "wsgidav.auth.user_name")} == {"alice"}
    wrong = [
        basic("alice", PASSWORDS["bob"]),
        basic("alice", ""),
        basic("nobody", "x"),
        "Basic",
        "Basic !",
        "Bearer x",
    ]
    for number, login in enumerate(wrong):
        assert asked.status(login=login, REMOTE_ADDR=f"192.0.2.{number}") == 401, login
    assert len(asked.seen) == 1


def test_a_right_password_is_remembered_and_forgotten_with_its_hash() -> None:
    """The second time costs no hash; another hash in the configuration counts at once."""
    passwords, hashed, password = Passwords(), HASHES["alice"], PASSWORDS["alice"]
    assert not passwords.are_remembered("alice", hashed, password)
    assert passwords.match("alice", hashed, password)
    began = time.perf_counter()
    for _ in range(100):
        assert passwords.are_remembered("alice", hashed, password)
    assert (time.perf_counter() - began) / 100 < 0.001
    assert not passwords.are_remembered("alice", HASHES["bob"], password)
    assert not passwords.match("alice", hashed, password + "x")
    assert not passwords.are_remembered("alice", hashed, password + "x")
    assert password.encode() not in repr(vars(passwords)).encode()


def test_a_name_that_nobody_has_costs_what_a_wrong_password_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more and no less, and only when it is asked for: a server without users takes no memory for it."""
    looked_at = []

    def verified(_: PasswordHasher, hashed: str, password: str) -> bool:
        looked_at.append(hashed)
        return verify(hashed, password)

    verify = PasswordHasher().verify
    monkeypatch.setattr(PasswordHasher, "verify", verified)
    with monkeypatch.context() as starting:
        starting.delattr(PasswordHasher, "hash")
        passwords = Passwords()
    assert not passwords.match("nobody", None, "x")
    assert not passwords.match("alice", hash_of("y"), "x")
    nobodys, somebodys = map(extract_parameters, looked_at)
    assert nobodys == somebodys
    assert Passwords().match("nobody", None, "x") is False
    assert looked_at[0] != looked_at[2]


def test_other_users_are_taken_up_while_serving() -> None:
    """Who is taken out of the configuration is out with the next request."""
    asked = Asked(settings(users=user("alice")))
    assert asked.status(login=basic("alice")) == 200
    asked.guard.take_up(settings(users=user("bob")))
    assert asked.status(login=basic("alice")) == 401
    assert asked.status(login=basic("bob")) == 200


def test_basic_is_not_taken_where_others_can_read_it() -> None:
    """Without TLS from another machine it is refused; on this one, or with `insecure`, it is taken."""
    asked = Asked(settings(users=user("alice")))
    plain = {"wsgi.url_scheme": "http"}
    status, headers = asked.ask(login=basic("alice"), **plain)
    assert status == 403
    assert "WWW-Authenticate" not in dict(headers)
    assert asked.status(login=basic("alice"), REMOTE_ADDR="127.0.0.1", **plain) == 200
    asked.guard.take_up(settings(users=user("alice"), insecure=True))
    assert asked.status(login=basic("alice"), **plain) == 200


def test_digest_lets_in_without_tls() -> None:
    """Windows logs in by it; each answer is good once, for the request that it was made for."""
    asked = Asked(settings(users=DIGEST))
    plain = {"wsgi.url_scheme": "http"}
    status, headers = asked.ask("PUT", **plain)
    ((_, challenge),) = [header for header in headers if header[0] == "WWW-Authenticate"]
    assert (status, challenge[:7]) == (401, "Digest ")
    answer = digest_answer(challenge, "carol", PASSWORDS["carol"], "PUT", "/home/x")
    assert asked.status("PUT", login=answer, **plain) == 200
    status, headers = asked.ask("PUT", login=answer, **plain)
    assert (status, "stale=true" in dict(headers)["WWW-Authenticate"]) == (401, True)
    for method, path in [("DELETE", "/home/x"), ("PUT", "/home/y")]:
        again = digest_answer(challenge, "carol", PASSWORDS["carol"], "PUT", "/home/x", count=2)
        assert asked.status(method, path, login=again, REMOTE_ADDR="192.0.2.9", **plain) == 401
    wrong = digest_answer(challenge, "carol", "wrong", "PUT", "/home/x", count=3)
    assert asked.status("PUT", login=wrong, **plain) == 401
    assert len(asked.seen) == 1


def test_a_nonce_is_ours_and_young() -> None:
    """An invented one, and one of long ago, are answered with another one."""
    now = [1000.0]
    digests = Digests(lambda: now[0])

    def answer(challenge: str) -> dict[str, str]:
        return parse(digest_answer(challenge, "carol", "p", "GET", "/").removeprefix("Digest "))

    ha1 = digest_of("carol", "p")
    assert digests.is_right(answer(digests.challenge()), ha1, "GET", "/")
    invented = digests.challenge().replace('nonce="', 'nonce="0')
    with pytest.raises(Stale):
        digests.is_right(answer(invented), ha1, "GET", "/")
    old = digests.challenge()
    now[0] += 3600
    with pytest.raises(Stale):
        digests.is_right(answer(old), ha1, "GET", "/")


@pytest.mark.parametrize("credentials", ["", "=", "a=b c=d", 'a="b', "x" * 10_000, 'a="\\', "a=b,,c=d"])
def test_answers_that_cannot_be_read_are_none(credentials: str) -> None:
    """And cost next to nothing."""
    assert parse(credentials) == {}
    asked = Asked(settings(users=DIGEST))
    assert asked.status(login=f"Digest {credentials}") == 401


def test_a_certificate_lets_in_its_user() -> None:
    """The server has compared it with the authority; a name that is no user is refused."""
    asked = Asked(settings(users=user("alice") | {"machine": {}}))
    assert asked.status(**{CERTIFICATE_NAME: "machine"}) == 200
    assert asked.seen[0]["REMOTE_USER"] == "machine"
    assert asked.status(**{CERTIFICATE_NAME: "nobody"}) == 403


def test_a_trusted_proxy_speaks_for_the_client() -> None:
    """Its user, address and scheme count; the same headers from anybody else are dropped."""
    proxy = {"addresses": ["10.0.0.0/8"], "user_header": "X-Remote-User"}
    asked = Asked(settings(users=user("alice"), proxy=proxy))
    told = {
        "HTTP_X_REMOTE_USER": "alice",
        "HTTP_X_FORWARDED_FOR": "1.2.3.4, 10.0.0.9",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "outside.example.org",
        "wsgi.url_scheme": "http",
    }
    assert asked.status(REMOTE_ADDR="10.0.0.1", **told) == 200
    seen = asked.seen[0]
    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"], seen["REMOTE_USER"]) == (
        "1.2.3.4",
        "https",
        "alice",
    )
    assert asked.status(**told) == 403
    assert asked.status(login=basic("alice"), **{**told, "wsgi.url_scheme": "https"}) == 200
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST"} & set(asked.seen[1])
    assert asked.seen[1]["REMOTE_ADDR"] == ELSEWHERE


def test_who_guesses_waits() -> None:
    """After a few wrong ones the address waits, also with the right one; who is logged in goes on."""
    asked = Asked(settings(users=user("alice")))
    assert asked.status(login=basic("alice")) == 200
    statuses = [asked.status(login=basic("alice", f"guess {number}")) for number in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    _, headers = asked.ask(login=basic("alice", "guess"))
    assert int(dict(headers)["Retry-After"]) >= 1
    assert asked.status(login=basic("alice")) == 200


def test_pauses_grow_and_end() -> None:
    """By the address, by its network with IPv6, and by the name when many addresses try it."""
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(8):
        throttle.failed("2001:db8::1", "alice")
    assert throttle.pause("2001:db8::2", "bob") == 8.0
    assert throttle.pause("2001:db8:1::2", "bob") == 0.0
    now[0] += 8
    assert throttle.pause("2001:db8::1", "alice") == 0.0
    for number in range(20):
        throttle.failed(f"192.0.2.{number}", "bob")
    assert throttle.pause("198.51.100.1", "bob") > 0
    throttle.succeeded("2001:db8::1", "alice")
    throttle.failed("2001:db8::1", "alice")
    assert throttle.pause("2001:db8::1", "alice") == 0.0


def test_a_file_of_users_that_names_nobody_lets_nobody_in(tmp_path: Path) -> None:
    """Removing the last one does not open what was closed."""
    (tmp_path / "users").touch()
    asked = Asked(settings(users_file=str(tmp_path / "users")).with_users_file())
    assert asked.status(login=basic("alice")) == 401
    (tmp_path / "users").write_text(f"alice:{HASHES['alice']}\n")
    asked.guard.take_up(settings(users_file=str(tmp_path / "users")).with_users_file())
    assert asked.status(login=basic("alice")) == 200


def test_other_clients_of_the_thread_go_on_while_a_password_is_compared() -> None:
    """The turn is given away before the hash is made, and kept for a password that is remembered."""
    asked, given_away = Asked(settings(users=user("alice"))), []
    for password in ("wrong", None, None):
        with told_before_waits(partial(given_away.append, password)):
            asked.ask(login=basic("alice", password))
    assert given_away == ["wrong", None]

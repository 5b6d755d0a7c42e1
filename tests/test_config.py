"""Configuration files: what they may say, and what is said about a wrong one."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vfs.config import load_settings, settings_from
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.errors import ConfigError
from vfs.engine.mounts import Settings

Written = Callable[..., Path]

SECRET = "s3cr3t-value-that-must-not-show"


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a config file and tells where."""

    def write(text: str, name: str = "config.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def problems_of(path: Path) -> list[str]:
    """The lines that loading this file complains with, the file's name taken off each."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return [line.removeprefix(f"{path}: ") for line in lines]


def test_yaml_json_toml_and_python_data_mean_the_same(written: Written) -> None:
    """One configuration in four forms gives equal settings."""
    data = {"mounts": {"m": {"type": "memory", "ttl": "5m"}}, "main": "m", "state": "/state"}
    from_yaml = load_settings(written("mounts: {m: {type: memory, ttl: 5m}}\nmain: m\nstate: /state\n"))
    from_json = load_settings(written(json.dumps(data), "config.json"))
    from_toml = load_settings(
        written('main = "m"\nstate = "/state"\n[mounts.m]\ntype = "memory"\nttl = "5m"\n', "config.toml")
    )
    assert from_yaml == from_json == from_toml == settings_from(data)
    assert from_yaml.mounts[0].ttl == 300


def test_list_of_mounts_with_names_and_either_spelling(tmp_path: Path) -> None:
    """The list form takes `name` with `type` or `protocol`, and `path` or `base_path`."""
    settings = settings_from(
        [
            {"name": "one", "protocol": "local", "base_path": str(tmp_path)},
            {"name": "two", "type": "local", "path": str(tmp_path)},
        ]
    )
    one, two = settings.mounts
    assert (one.name, one.type, two.name, two.type) == ("one", "local", "two", "local")
    assert one.options == two.options


def test_both_spellings_of_one_key_are_refused() -> None:
    """`type` beside `protocol` says the same twice, perhaps differently."""
    with pytest.raises(ConfigError, match=r"mounts\[0\].protocol: means the same as 'type'"):
        settings_from([{"name": "one", "protocol": "memory", "type": "memory"}])


def test_relative_paths_are_taken_from_the_file(written: Written, tmp_path: Path) -> None:
    """A path in a config file means the same wherever the command is run."""
    (tmp_path / "data").mkdir()
    settings = load_settings(
        written("mounts: {m: {type: local, path: data}}\ncache: {directory: c}\nstate: ../state")
    )
    assert os.fspath(settings.mounts[0].options.path) == os.fspath(tmp_path / "data")  # type: ignore[attr-defined]
    assert settings.cache.directory == tmp_path / "c"
    assert settings.state == tmp_path.parent / "state"


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`~` is the user's home folder, in every path."""
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    settings = settings_from({"mounts": {"m": {"type": "local", "path": "~"}}, "state": "~/s"})
    assert os.fspath(settings.mounts[0].options.path) == os.fspath(tmp_path)  # type: ignore[attr-defined]
    assert settings.state == tmp_path / "s"


def test_default_folders_follow_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache and state lie where XDG says, or below the home folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/xc")
    monkeypatch.setenv("XDG_STATE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", "/h")
    settings = Settings()
    assert settings.cache.directory == Path("/xc/vfs")
    assert settings.state == Path("/h/.local/state/vfs")


def test_variables_and_their_defaults(monkeypatch: pytest.MonkeyPatch, written: Written) -> None:
    """`${NAME}` and `${NAME:-default}` are replaced anywhere in a string, `$${` is a plain `${`."""
    monkeypatch.setenv("WORD", "abc")
    monkeypatch.delenv("ABSENT", raising=False)
    settings = load_settings(
        written("mounts: {m: {type: '${KIND:-memory}'}}\nstate: '/x-${WORD}/${ABSENT:-d}/$${WORD}'")
    )
    assert settings.mounts[0].type == "memory"
    assert settings.state == Path("/x-abc/d/${WORD}")


def test_reference_that_comes_out_empty_counts_as_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ttl: "${TTL:-}"` leaves the default alone when TTL is unset or empty."""
    monkeypatch.setenv("TTL", "")
    settings = settings_from({"mounts": {"m": {"type": "memory", "ttl": "${TTL:-}"}}})
    assert settings.mounts[0].ttl is None


def test_every_unset_variable_is_named(monkeypatch: pytest.MonkeyPatch, written: Written) -> None:
    """A missing variable is named with the key that needs it, and so is the next one."""
    monkeypatch.delenv("ABSENT_A", raising=False)
    monkeypatch.delenv("ABSENT_B", raising=False)
    lines = problems_of(
        written("mounts: {m: {type: memory, ttl: '${ABSENT_A}'}}\ncache: {size: '${ABSENT_B}'}")
    )
    assert lines == [
        "mounts.m.ttl: the environment variable ABSENT_A is not set; set it, or write ${ABSENT_A:-default}",
        "cache.size: the environment variable ABSENT_B is not set; set it, or write ${ABSENT_B:-default}",
    ]


def test_unclosed_reference_is_refused(written: Written) -> None:
    """`${` that begins no reference is a mistake, not text."""
    assert problems_of(written("mounts: {m: {type: memory}}\nstate: '/x/${HOME'")) == [
        "state: '${' begins no ${NAME} or ${NAME:-default}; write '$${' for a plain '${'"
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "mounts: {m: {type: memory, permisions: readonly}}",
            "mounts.m.permisions: unknown key; did you mean 'permissions'?",
        ),
        ("mounts: {m: {type: local, pth: /}}", "mounts.m.pth: unknown key; did you mean 'path'?"),
        (
            "mounts: {m: {type: s3, bukcet: b, bucket: b}}",
            "mounts.m.bukcet: unknown key; did you mean 'bucket'?",
        ),
        ("mounts: {m: {type: memory}}\nmian: m", "mian: unknown key; did you mean 'main'?"),
        ("mounts: {m: {type: memory}}\ncache: {sise: 1}", "cache.sise: unknown key; did you mean 'size'?"),
        (
            "mounts: {m: {type: memory}}\nxyzzy: {port: 1}",
            "xyzzy: unknown key; known: cache, main, metrics, mounts, state, virtual, webdav",
        ),
        ("mounts: {m: {type: memry}}", "mounts.m.type: unknown storage type 'memry'; did you mean 'memory'?"),
        ("mounts: {m: {}}", f"mounts.m.type: is required: one of {', '.join(STORAGE_TYPES.names)}"),
        ("mounts: {m: {type: s3}}", "mounts.m.bucket: is required"),
        (
            "mounts: {m: {type: memory, permissions: rw}}",
            "mounts.m.permissions: must be 'readonly', 'readwrite' or 'delete'",
        ),
        ("mounts: {m: {type: memory, durability: no}}", "mounts.m.durability: must be 'store' or 'disk'"),
        (
            "mounts: {m: {type: memory, ttl: soon}}",
            "mounts.m.ttl: must be a duration, such as 10s, 5m, 250ms or a number of seconds",
        ),
        (
            "mounts: {m: {type: memory}}\ncache: {size: 2 parsecs}",
            "cache.size: must be a size, such as 20GiB, 512k or a number of bytes",
        ),
        (
            "mounts: {m: {type: memory}}\ncache: {memory: 1MiB}",
            "cache.memory: input should be greater than or equal to 16777216",
        ),
        ("mounts: {m: {type: memory}}\ncache: big", "cache: must be a mapping"),
        ("mounts: {m: {type: s3, bucket: 123}}", "mounts.m.bucket: must be text; put it in quotes"),
        (
            "mounts: {m: {type: memory, layers: [redonly]}}",
            "mounts.m.layers[0].type: unknown layer 'redonly'; did you mean 'readonly'?",
        ),
        (
            "mounts: {m: {type: memory, layers: [{type: readonly, x: 1}]}}",
            "mounts.m.layers[0].x: unknown key; known: type",
        ),
        ("mounts: {m: {type: memory, layers: readonly}}", "mounts.m.layers: must be a list of layers"),
        ("mounts: {m: {type: memory}}\nmain: n", "main: there is no mount 'n'; known: m"),
        ("mounts: [{type: memory}]", "mounts[0].name: is required"),
        ("mounts: [{name: a, type: memory}, {name: a, type: memory}]", "two mounts are named 'a'"),
        (
            "mounts: {'a/b': {type: memory}}",
            "mounts.a/b.name: cannot name a mount: a name cannot hold '/' or NUL",
        ),
        ("mounts: {'a:b': {type: memory}}", "mounts.a:b.name: a mount's name cannot hold ':'"),
        ("mounts: {no: {type: memory}}", "mounts.False: is not text as YAML reads it; put it in quotes"),
        ("mounts: {}", "mounts: is required: a mapping of names to storages"),
        ("", "must be a mapping of keys to values"),
        ("just words", "must be a mapping of keys to values"),
    ],
)
def test_complaint_names_key_and_remedy(written: Written, text: str, complaint: str) -> None:
    """Each mistake is one line: the key's path, what is wrong, the nearest right word."""
    assert problems_of(written(text)) == [complaint]


def test_all_problems_are_told_at_once(written: Written) -> None:
    """One look at the messages is enough to mend the whole file."""
    lines = problems_of(
        written(
            "mounts:\n  a: {type: memory, ttl: soon, layers: [nope]}\n  b: {type: memry}\ncache: {sise: 1}\n"
        )
    )
    assert [line.partition(": ")[0] for line in lines] == [
        "mounts.a.ttl",
        "mounts.a.layers[0].type",
        "mounts.b.type",
        "cache.sise",
    ]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("c.yaml", "a: [1\nb: 2", "line 2, column 2: not valid YAML: expected ',' or ']', but got"),
        ("c.yaml", "a: \x01", "not valid YAML: it holds a character"),
        ("c.yaml", "mounts:\n  a: 1\n  b: 2\n  a: 3\n", "line 4: 'a' is written twice (first on line 2)"),
        ("c.json", '{"a": 1,}', "line 1, column "),
        ("c.json", '{"a": 1, "a": 2}', "'a' is written twice in one object"),
        ("c.toml", "a = ", "not valid TOML: "),
        ("c.toml", "a = 1\na = 2\n", "not valid TOML: Cannot overwrite a value"),
    ],
)
def test_unparsable_file_is_one_line_with_its_place(
    written: Written, name: str, text: str, complaint: str
) -> None:
    """A syntax error, or a key written twice, is told with its line where the parser knows it."""
    (line,) = problems_of(written(text, name))
    assert line.startswith(complaint)


def test_yaml_merge_keys_are_no_duplicates(written: Written) -> None:
    """Anchors and `<<` work, and may be overridden."""
    text = "mounts:\n  a: &a {type: memory, ttl: 1}\n  b: {<<: *a, ttl: 2}\n"
    assert [mount.ttl for mount in load_settings(written(text)).mounts] == [1, 2]


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are told apart."""
    (tmp_path / "binary").write_bytes(b"ab\xff")
    assert problems_of(tmp_path / "none.yaml") == ["cannot read the configuration: No such file or directory"]
    assert problems_of(tmp_path) == ["cannot read the configuration: Is a directory"]
    assert problems_of(tmp_path / "binary") == ["not a text file in UTF-8 (byte 2)"]


@pytest.mark.parametrize(
    "text",
    [
        f"mounts: {{m: {{type: s3, bucket: b, secret: [{SECRET}]}}}}",
        f"mounts: {{m: {{type: s3, bucket: b, secert: {SECRET}}}}}",
        f"mounts: {{m: {{type: s3, bucket: b, secret: {SECRET}, timeout: {SECRET}}}}}",
        f"mounts: {{m: {{type: s3, bucket: b, secret: {SECRET}, permissions: {SECRET}}}}}",
        f"mounts: {{m: {{type: s3, bucket: b, secret: '{SECRET}}}}}",
        f"mounts:\n  m:\n    secret: {SECRET}\n   type: s3\n",
    ],
)
def test_no_value_is_repeated_in_a_complaint(written: Written, text: str) -> None:
    """Wherever a secret was written, and whatever is wrong, the message does not hold it."""
    assert SECRET not in "\n".join(problems_of(written(text)))


def test_secrets_are_masked_in_every_form() -> None:
    """Neither repr nor str nor a dump of the settings shows a secret."""
    settings = settings_from({"mounts": {"m": {"type": "s3", "bucket": "b", "key": "AK", "secret": SECRET}}})
    for shown in (
        repr(settings),
        str(settings),
        f"{settings.mounts[0].options!r}",
        settings.model_dump_json(),
    ):
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512k", 512 << 10),
        ("8MiB", 8 << 20),
        ("20GiB", 20 << 30),
        ("1.5 MB", 1_500_000),
        ("17000000", 17_000_000),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """`k` and `KiB` count in 1024, `kB` in 1000, a number is bytes."""
    assert settings_from({"mounts": [], "cache": {"size": text}} | one_mount()).cache.size == size


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("5m", 300), ("250ms", 0.25), (2.5, 2.5), ("1h", 3600)]
)
def test_durations(text: object, seconds: float) -> None:
    """Durations take the units ms, s, m, h, d; a number is seconds."""
    settings = settings_from({"mounts": {"m": {"type": "memory", "ttl": text}}})
    assert settings.mounts[0].ttl == seconds


def one_mount() -> dict[str, object]:
    return {"mounts": {"m": {"type": "memory"}}}

"""Types of other distributions: found by their entry points, and no harm to anybody when they are broken."""

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vfs
from vfs.config.schema import installed as installed_schema
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.errors import ConfigError
from vfs.engine.layers import LAYER_TYPES
from vfs.engine.registry import LazyType, Registry

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "BACKENDS.md").read_text()

Distribution = Callable[..., None]


def blocks(language: str) -> list[str]:
    """The document's blocks of one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def run(folder: Path, site: Path, *arguments: str) -> str:
    """What Python prints, run in a folder with what is installed in `site`."""
    command = [sys.executable, "-W", "error", *arguments]
    environ = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "HOME": os.fspath(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip has installed the document's distribution."""
    project, site = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("site")
    (project / "vfs_tar.py").write_text(blocks("python")[0])
    (project / "pyproject.toml").write_text(blocks("toml")[0])
    options = ["--quiet", "--no-deps", "--disable-pip-version-check"]
    run(project, site, "-W", "ignore", "-m", "pip", "install", *options, "--target", os.fspath(site), ".")
    return site


def test_the_documented_backend_is_as_short_as_it_says() -> None:
    """Some forty lines."""
    code = blocks("python")[0].partition("class TarBackend")[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= 45


def test_the_documented_backend_is_mounted_from_yaml(installed: Path, tmp_path: Path) -> None:
    """Installing the distribution is all that it takes."""
    (tmp_path / "a.txt").write_text("from an archive")
    with tarfile.open(tmp_path / "docs.tar", "w") as archive:
        archive.add(tmp_path / "a.txt", arcname="notes/a.txt")
    (tmp_path / "config.yaml").write_text(blocks("yaml")[0])
    program = (
        "import vfs; s = vfs.open('config.yaml'); print(s.node('docs:notes/a.txt').read_text()); s.close()"
    )
    assert run(tmp_path, installed, "-c", program) == "from an archive\n"


def test_the_documented_suite_passes(installed: Path, tmp_path: Path) -> None:
    """`vfs.testing` is all that another project's tests need."""
    (tmp_path / "test_tar.py").write_text(blocks("python")[1])
    said = run(tmp_path, installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_tar.py")
    assert re.search(r"\d\d passed", said)
    assert "failed" not in said


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Distribution]:
    """Makes a distribution that is found: its module's source, and the entry points that it has."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def make(name: str, source: str, **groups: str) -> None:
        made.append(name)
        (tmp_path / f"{name}.py").write_text(source)
        metadata = tmp_path / f"{name}-2.1.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
        sections = [f"[vfs.{group}]\n{entries}\n" for group, entries in groups.items()]
        (metadata / "entry_points.txt").write_text("\n".join(sections))

    yield make
    for name in made:
        sys.modules.pop(name, None)


def storage_types() -> Registry[Callable[..., vfs.engine.backend.Backend]]:
    """A registry that has not looked around yet, with one built-in type."""
    memory = LazyType("vfs.engine.backends.memory:MemoryBackend:MemoryOptions")
    return Registry("storage type", {"memory": memory}, group="vfs.backends")


GOOD = """
from pydantic import BaseModel
from vfs.engine.backends.memory import MemoryBackend

class Fine(MemoryBackend):
    class Options(BaseModel, extra="forbid"):
        colour: str = "red"
    def __init__(self, options):
        super().__init__()
"""


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError: division by zero"),
        ("", "cannot be loaded: AttributeError: "),
        ("Fine = 3", "broken_one:Fine is not a class"),
        ("class Fine: pass", "has no `Options`, a pydantic model"),
        (GOOD.replace(', extra="forbid"', ""), '`broken_one:Fine.Options` needs extra="forbid"'),
    ],
)
def test_a_broken_distribution_is_named_and_harms_nobody(
    distribution: Distribution, source: str, sentence: str
) -> None:
    """Whoever asks for its type is told whose fault it is; the other types are as they were."""
    distribution("broken_one", source, backends="odd = broken_one:Fine")
    types = storage_types()
    assert types.names == ["memory", "odd"]
    with pytest.raises(ConfigError) as raised:
        types.load("odd")
    assert raised.value.message.startswith("storage type 'odd' of broken_one 2.1")
    assert sentence in raised.value.message
    assert types.load("memory").options.__name__ == "MemoryOptions"
    assert list(types.load_all()) == ["memory"]


def test_the_schema_does_without_a_broken_type(
    distribution: Distribution, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What works has its place in it; who is left out is in the log."""
    distribution("broken_two", "1 / 0", backends="odd = broken_two:Fine")
    distribution("works_well", GOOD, backends="even = works_well:Fine")
    for module in ("schema", "spellings"):
        monkeypatch.setattr(f"vfs.config.{module}.STORAGE_TYPES", fresh(STORAGE_TYPES))
    schema = installed_schema()
    assert "storage even" in schema["definitions"]
    assert "storage odd" not in schema["definitions"]
    assert "left out: storage type 'odd' of broken_two 2.1 cannot be loaded" in caplog.text


def test_nothing_is_imported_before_its_name_is_used(distribution: Distribution) -> None:
    """Listing the names, and using other types, leaves other people's modules alone."""
    distribution("lazy_one", GOOD, backends="lazy = lazy_one:Fine")
    types = storage_types()
    assert "lazy" in types
    types.load("memory")
    assert "lazy_one" not in sys.modules
    loaded = types.load("lazy")
    assert loaded.build(loaded.options()).list("") is not None
    assert "lazy_one" in sys.modules


def test_a_built_in_name_stays_ours(distribution: Distribution, caplog: pytest.LogCaptureFixture) -> None:
    """A distribution that offers it is passed over, and the log says which."""
    distribution("greedy_one", GOOD, backends="memory = greedy_one:Fine\nother = greedy_one:Fine")
    types = storage_types()
    assert types.names == ["memory", "other"]
    assert types.load("memory").options.__name__ == "MemoryOptions"
    assert "greedy_one 2.1 offers a storage type 'memory', which is built in: passed over" in caplog.text


def test_a_name_of_two_distributions_is_neither_s(distribution: Distribution) -> None:
    """Which one is meant nobody can tell; the error names both."""
    distribution("one_of_two", GOOD, backends="twice = one_of_two:Fine")
    distribution("two_of_two", GOOD, backends="twice = two_of_two:Fine")
    with pytest.raises(ConfigError, match=r"one_of_two 2\.1") as raised:
        storage_types().load("twice")
    assert "two_of_two 2.1" in raised.value.message


def test_a_misspelled_name_may_have_meant_a_plugin(distribution: Distribution) -> None:
    """The nearest word is looked for among all types."""
    distribution("another_one", GOOD, backends="parchment = another_one:Fine")
    with pytest.raises(ConfigError, match="parchment"):
        storage_types().load("parchmant")


SHOUT = """
from pydantic import BaseModel
from vfs.engine.layer import Layer

class Shout(Layer):
    class Options(BaseModel, extra="forbid"):
        mark: str = "!"

    def __init__(self, inner, options):
        super().__init__(inner)
        self.mark = options.mark.encode()

    def write(self, key, source, **conditions):
        return super().write(key, source.upper() + self.mark, **conditions)
"""


def test_a_layer_of_another_distribution_goes_around_a_mount(
    distribution: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its options, validated as those of built-in layers are."""
    distribution("vfs_shout", SHOUT, layers="shout = vfs_shout:Shout")
    monkeypatch.setattr("vfs.config.sections.LAYER_TYPES", fresh(LAYER_TYPES))
    monkeypatch.setattr("vfs.engine.mounts.LAYER_TYPES", fresh(LAYER_TYPES))
    mount = {"name": "m", "type": "memory", "layers": [{"type": "shout", "mark": "?"}]}
    with pytest.raises(ConfigError, match="mark"):
        vfs.open([{**mount, "layers": [{"type": "shout", "marc": "?"}]}])
    with vfs.open([mount]) as storage:
        tree = storage.tree("m")
        tree.backend.write("f", b"hello")
        assert storage.node("m:f").read_bytes() == b"HELLO?"


def fresh(types: Registry[Callable[..., vfs.engine.backend.Backend]]) -> Registry[Callable[..., object]]:
    """The same types, looking around anew."""
    return Registry(types.kind, types._types, types._group)


def test_this_environment_brings_no_types_of_its_own() -> None:
    """Else the tests of all built-in types would test somebody else's too."""
    for types in (STORAGE_TYPES, LAYER_TYPES):
        assert set(types.names) == {name for name, lazy in types._types.items() if lazy.is_named}

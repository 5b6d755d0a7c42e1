"""The documentation site: built without a warning, and with every public name on its reference pages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import vfs
import vfs.aio.scoped
import vfs.aio.stores
import vfs.asgi
import vfs.stores
import vfs.testing

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
PICTURES = sorted((ROOT / "docs" / "screens").glob("*.svg"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    (folder / "vfs").symlink_to(ROOT / "vfs")
    builder = Path(sys.executable).with_name("zensical")
    done = subprocess.run(
        [builder, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "docs"


def public_names() -> set[str]:
    """What the modules for programs offer, and what the classes offer that `vfs` gives."""
    names = {f"vfs.testing.{name}" for name in vfs.testing.__all__}
    for module in (vfs.aio.scoped, vfs.aio.stores, vfs.asgi, vfs.scoped, vfs.stores):
        names |= {f"{module.__name__}.{name}" for name in own_names(module)}
    for module in (vfs, vfs.aio):
        for name in module.__all__:
            names.add(f"{module.__name__}.{name}")
            offered = getattr(module, name)
            if isinstance(offered, type) and not issubclass(offered, vfs.StorageError):
                names |= {f"{module.__name__}.{name}.{part}" for part in names_given_to(offered)}
    return names


def own_names(module: ModuleType) -> set[str]:
    """The public names that a module defines, and does not import."""
    return {
        name
        for name, value in vars(module).items()
        if name[0] != "_" and getattr(value, "__module__", "") == module.__name__
    }


def names_given_to(kind: type) -> set[str]:
    """The public names that our own code gives a class; those of the standard library are described there."""
    ours = [part for part in kind.__mro__ if part.__module__.startswith("vfs.")]
    return {name for part in ours for name in vars(part) if name[0] != "_"}


def test_every_public_name_is_on_a_reference_page(site: Path) -> None:
    """Each has a place of its own to link to, methods and properties of nodes and managers too."""
    pages = "".join(page.read_text() for page in (site / "reference").glob("*.html"))
    anchors = set(re.findall(r'id="(vfs\.[\w.]+)"', pages))
    assert public_names() - anchors == set()


def test_every_page_is_in_the_navigation(site: Path) -> None:
    """No page can be reached by a search alone."""
    home = (site / "index.html").read_text()
    navigation = set(re.findall(r'href="\./([\w/-]+\.html)"', home)) | {"index.html"}
    assert {page.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for page in PAGES} == navigation


def test_pages_ask_no_other_server(site: Path) -> None:
    """Neither scripts nor fonts nor images come from elsewhere."""
    for page in site.rglob("*.html"):
        assert (
            re.findall(r'<(?:script|img|link)\b[^>]*(?:src|href)="(?:https?:)?//[^"]*"', page.read_text())
            == []
        )


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_between_files_lead_somewhere(page: Path) -> None:
    """Read in the repository, too, each link names a file; a page's link stays among the pages."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    targets = [(page.parent / link).resolve() for link in links]
    assert [target for target in targets if not target.exists()] == []
    if page in PAGES:
        known = {*PAGES, *PICTURES}
        assert [target for target in targets if target not in known] == []

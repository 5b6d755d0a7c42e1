"""The part of a configuration that some of its mounts need."""

from collections.abc import Set as AbstractSet

from vfs.engine import paths
from vfs.engine.mounts import Settings
from vfs.engine.references import members_of


def part_of(settings: Settings, names: AbstractSet[str]) -> Settings:
    """The settings with these mounts alone, those that they stand on, and what virtual files are made of."""
    wanted = _with_members(settings, names)
    mounts = tuple(spec for spec in settings.mounts if spec.name in wanted)
    virtual = {
        place: file for place, file in settings.virtual.items() if paths.split_mount(place)[0] in wanted
    }
    main = settings.main if settings.main in wanted else None
    return settings.model_copy(update={"mounts": mounts, "virtual": virtual, "main": main})


def _with_members(settings: Settings, names: AbstractSet[str]) -> set[str]:
    specs = {spec.name: spec for spec in settings.mounts}
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.add(name)
        waiting += members_of(specs[name])
        for place, file in settings.virtual_files.items():
            if place.mount == name:
                waiting += [part.mount for part in file.parts]
    return wanted

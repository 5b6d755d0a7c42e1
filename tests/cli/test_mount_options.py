"""`-o` options: those of ours, those that mount(8) adds, and mistakes."""

import os

import pytest

from vfs.cli.mount_options import parse_mount_options
from vfs.engine.errors import ConfigError
from vfs.fuse.mounting import FuseOptions


def test_nothing_asked_is_the_defaults() -> None:
    """Without `-o` everything is as FuseOptions has it, and the mount point must be empty."""
    options = parse_mount_options([])
    assert options.fuse == FuseOptions()
    assert not options.nonempty


def test_options_of_ours() -> None:
    """Each option of ours reaches its field, over several `-o` and within one."""
    options = parse_mount_options(
        [
            "allow_other,ro,uid=1000,gid=1001",
            "umask=027,fsname=a\\,b,read_ahead_kb=512,mount=photos,no_default_permissions,nonempty,debug",
        ]
    )
    assert options.nonempty
    assert options.fuse == FuseOptions(
        allow_other=True,
        read_only=True,
        uid=1000,
        gid=1001,
        umask=0o27,
        fsname="a,b",
        read_ahead_kb=512,
        mount="photos",
        default_permissions=False,
        debug=True,
    )


def test_users_and_groups_by_name() -> None:
    """`uid=root` is as good as `uid=0`."""
    options = parse_mount_options(["uid=root,gid=root"]).fuse
    assert (options.uid, options.gid) == (0, 0)


def test_words_of_fstab_are_understood() -> None:
    """What mount(8) and fstab add for others is no error; flags of the mount are given on."""
    options = parse_mount_options(
        ["rw,nofail,_netdev,user,noauto,x-systemd.automount,comment=x,nosuid,nodev,relatime"]
    )
    assert options.fuse == FuseOptions(extra=("nosuid", "nodev"))


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("allow_othr", "-o allow_othr: unknown option; did you mean 'allow_other'?"),
        ("uid=nobody-there", "-o uid=nobody-there: must be a user's number or name"),
        ("gid=-1", "-o gid=-1: must be a group's number or name"),
        ("umask=9", "-o umask=9: must be octal permission bits, such as 022"),
        ("umask=7777", "-o umask=7777: must be octal permission bits, such as 022"),
        ("read_ahead_kb=lots", "-o read_ahead_kb=lots: must be a number of KiB"),
        ("fsname=", "-o fsname=: must be given a value"),
        ("ro=1", "-o ro=1: takes no value"),
    ],
)
def test_mistake_is_named(option: str, complaint: str) -> None:
    """An unknown or bad option is refused with what to write instead."""
    with pytest.raises(ConfigError) as caught:
        parse_mount_options([f"allow_other,{option}"])
    assert str(caught.value) == complaint


def test_owner_defaults_to_the_mounting_user() -> None:
    """Without uid= and gid= entries that have no owner are shown as the caller's."""
    look = parse_mount_options([]).fuse.appearance(0)
    assert (look.uid, look.gid) == (os.getuid(), os.getgid())

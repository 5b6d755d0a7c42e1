"""`vfs journal list|retry|export`: what a daemon could not send yet, why, and how to save it elsewhere."""

import argparse
import os

from vfs.cli.daemons import add_daemon_verb, asked
from vfs.cli.exit_status import FAILED, OK
from vfs.cli.output import Output
from vfs.cli.status_words import unsent_in_words
from vfs.cli.verbs import Verbs, add_family
from vfs.engine.errors import StorageError


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    acts = add_family(verbs, "journal", "Look after what is not sent yet.")
    listing = add_daemon_verb(acts, "list", "Tell what is not sent yet, and why.", _list)
    retry = add_daemon_verb(acts, "retry", "Try to send it now, and not after a pause.", _retry)
    export = add_daemon_verb(acts, "export", "Copy what is not sent into a folder of this machine.", _export)
    export.add_argument("--to", required=True, metavar="FOLDER", help="becomes FOLDER/mount/path")
    for act in (listing, retry, export):
        act.add_argument("--mount", metavar="NAME", help="of this mount alone")


def _list(arguments: argparse.Namespace) -> int:
    _, told = asked(arguments, "unsent", mount=arguments.mount)
    Output(json=arguments.json).tell(*unsent_in_words(told), **told)
    return FAILED if told["failing_count"] else OK


def _retry(arguments: argparse.Namespace) -> int:
    _, told = asked(arguments, "retry", mount=arguments.mount)
    Output(json=arguments.json).tell(f"{told['unsent_count']} file(s) are being sent", **told)
    return OK


def _export(arguments: argparse.Namespace) -> int:
    """Read through the mount point: what is there is what was written, whether the store has it or not."""
    # Late, since only this one needs the engine.
    from vfs.cli.places import Places

    out = Output(json=arguments.json)
    serving, told = asked(arguments, "unsent", mount=arguments.mount)
    if not serving.is_mounted:
        raise StorageError("what is not sent is read through a mount, and there is none", serving.mountpoint)
    status = OK if told["unsent_count"] == len(told["unsent"]) else FAILED
    with Places(None, []) as places:
        for file in told["unsent"]:
            source = os.path.join(serving.path_of(file["mount"]) or "", file["key"])
            target = os.path.join(os.path.abspath(arguments.to), file["mount"], file["key"])
            try:
                places.at(source, follow=False).node.copy_to(places.at(target).node, overwrite=False)
            except StorageError as error:
                out.failure(places.told(error))
                status = FAILED
            else:
                out.tell(target, path=target, mount=file["mount"], key=file["key"])
    if told["unsent_count"] > len(told["unsent"]):
        out.failure(
            f"there are {told['unsent_count'] - len(told['unsent'])} more: export again when these are sent"
        )
    return status

"""A run of a copy: the plan carried out by many workers, told step by step, and summed up."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from itertools import islice

from vfs.engine import paths
from vfs.engine.copying.contents import same_content
from vfs.engine.copying.entries import EntryCopier
from vfs.engine.copying.folders import FolderCopier, refuse_clash
from vfs.engine.copying.inventory import Inventory, Listed
from vfs.engine.copying.options import CopyOptions, Place
from vfs.engine.copying.outcomes import outcomes
from vfs.engine.copying.overlap import refuse_overlap
from vfs.engine.copying.plan import Plan, Step, relative
from vfs.engine.copying.summary import CopySummary, Tally
from vfs.engine.entries import EntryKind
from vfs.engine.errors import DirectoryNotEmpty, IsADirectory, NotFound, StorageError
from vfs.engine.layers.readonly import refuse
from vfs.engine.mount_errors import naming_mount

REMOVED_AT_ONCE = 1000


def copy(source: Place, target: Place, options: CopyOptions) -> CopySummary:
    """Copy a file to a key, or all that is in a folder into a folder.

    Of a tree, what fails with one entry is told in the summary and stops nothing else. What fails for a
    single file, for the source or the target as a whole, and for a listing, is raised.
    """
    with naming_mount(source.tree.name, source.key):
        top = Listed.of(source.key, source.tree.stat(source.key))
    if target.tree.readonly and not options.dry_run:
        with naming_mount(target.tree.name, target.key):
            refuse(target.key)
    refuse_overlap(source, target, deletes=options.delete and top.is_folder)
    run = _Run(source, target, options)
    if top.is_folder:
        run.copy_tree()
    else:
        run.copy_one(top)
    return run.tally.summary()


class _Run:
    """One copy. The caller's functions and the tally are for the calling thread alone."""

    def __init__(self, source: Place, target: Place, options: CopyOptions) -> None:
        self.tally = Tally()
        self._source = source
        self._target = target
        self._options = options
        self._entries = EntryCopier(
            source.tree, target.tree, overwrite=options.overwrite, verify=options.verify
        )
        self._total = 0

    def copy_one(self, found: Listed) -> None:
        self._total = 1
        with Inventory() as nothing:
            step = Plan(self._source, self._target, self._options, nothing).step_of_file(found)
        if step.present is not None and step.present.is_folder:
            raise IsADirectory(path=step.target, mount=self._target.tree.name)
        if step.skipped is not None:
            self._skip(found, step.skipped)
        else:
            self._done(step, self._carry_out(step))

    def copy_tree(self) -> None:
        with ExitStack() as held:
            new_folders = held.enter_context(Inventory())
            plan = Plan(self._source, self._target, self._options, held.enter_context(Inventory()))
            if not plan.take_stock() and self._target.key:
                new_folders.add(Listed(self._target.key, EntryKind.FOLDER))
            steps = map(plan.step, self._counted(self._chosen(plan), held))
            # Whoever leaves in the middle does not wait until big files are there that are under way.
            copies = outcomes(
                self._carry_out,
                self._files_of(steps, new_folders),
                self._options.workers,
                leaving=self._entries.stop,
            )
            with closing(copies):
                for step, future in copies:
                    try:
                        size = future.result()
                    except StorageError as error:
                        self._failed(step.source, error)
                        continue
                    new_folders.see(step.target)
                    self._done(step, size)
            self._make(new_folders)
            if self._options.delete and not self.tally.failed_count:
                self._delete(plan)

    def _chosen(self, plan: Plan) -> Iterator[Listed]:
        for found, is_admitted in plan.found():
            if is_admitted:
                yield found
            elif not found.is_folder:
                self.tally.excluded += 1
                if self._options.on_skip is not None:
                    self._options.on_skip(found, "excluded")

    def _counted(self, found: Iterator[Listed], held: ExitStack) -> Iterable[Listed]:
        """The same; where progress is told, the source is listed through first, so that its end is known."""
        if self._options.progress is None:
            return found
        listing = held.enter_context(Inventory())
        for entry in found:
            listing.add(entry)
        self._total = listing.count_files()
        return listing

    def _files_of(self, steps: Iterator[Step], new_folders: Inventory) -> Iterator[Step]:
        """The steps that copy something; the others are seen to here."""
        for step in steps:
            if step.source.is_folder:
                self._note_folder(step, new_folders)
            elif step.skipped is not None:
                self._skip(step.source, step.skipped)
            else:
                yield step

    def _note_folder(self, step: Step, new_folders: Inventory) -> None:
        try:
            refuse_clash(step.present, self._target.tree)
        except StorageError as error:
            self._failed(step.source, error)
            return
        if step.present is None:
            new_folders.add(Listed(step.target, step.source.kind))

    def _carry_out(self, step: Step) -> int | None:
        """The bytes copied; None where the target turned out to have them. Any thread."""
        with naming_mount(self._source.tree.name, step.source.key):
            if step.compared and step.present is not None and self._is_there(step, step.present):
                return None
            if self._options.dry_run:
                return step.source.size
            return self._entries.copy(step.source, step.target, step.present)

    def _is_there(self, step: Step, present: Listed) -> bool:
        source = Place(self._source.tree, step.source.key)
        return same_content(source, step.source, Place(self._target.tree, step.target), present)

    def _done(self, step: Step, size: int | None) -> None:
        if size is None:
            self._skip(step.source, "same content")
            return
        self.tally.copied += 1
        self.tally.bytes += size
        if self._options.on_file is not None:
            self._options.on_file(step.source)
        self._progress()

    def _skip(self, found: Listed, reason: str) -> None:
        self.tally.skipped += 1
        if self._options.on_skip is not None:
            self._options.on_skip(found, reason)
        self._progress()

    def _failed(self, found: Listed, error: StorageError) -> None:
        self.tally.fail(f"{self._source.tree.name}:{found.key}", error)
        if not found.is_folder:
            self._progress()

    def _progress(self) -> None:
        if self._options.progress is not None:
            self._options.progress(self.tally.looked_at, self._total)

    def _make(self, new_folders: Inventory) -> None:
        """Make the folders that no file made, and give all new ones what the source's have."""
        if self._options.dry_run:
            return
        folders = FolderCopier(self._source.tree, self._target.tree)
        workers = self._options.workers
        self._of_folders(lambda found: folders.make(found.key), new_folders.unseen(), workers)
        if folders.keeps_attributes:
            # Where filling a folder moves its times, each must wait for those in it.
            in_order = 1 if not self._target.tree.backend.is_remote else workers
            self._of_folders(
                lambda found: folders.give_attributes(self._source_of(found), found.key),
                new_folders.backwards(),
                in_order,
            )

    def _of_folders(self, act: Callable[[Listed], None], found: Iterator[Listed], workers: int) -> None:
        with closing(outcomes(act, found, workers)) as acts:
            for folder, future in acts:
                try:
                    future.result()
                except StorageError as error:
                    self.tally.fail(f"{self._target.tree.name}:{folder.key}", error)

    def _source_of(self, found: Listed) -> str:
        path = relative(found.key, self._target.key)
        return paths.join(self._source.key, path) if path else self._source.key

    def _delete(self, plan: Plan) -> None:
        """Delete what the source has not: files, many at a time, then the folders that held them."""
        tree = self._target.tree
        rest = plan.extraneous(folders=False)
        while batch := [found.key for found in islice(rest, REMOVED_AT_ONCE)]:
            if self._remove(batch):
                self.tally.deleted += len(batch)
        if self._options.dry_run:
            return
        for found in plan.extraneous(folders=True):
            try:
                with suppress(NotFound, DirectoryNotEmpty), naming_mount(tree.name, found.key):
                    tree.remove_directory(found.key)
            except StorageError as error:
                self.tally.fail(f"{tree.name}:{found.key}", error)

    def _remove(self, keys: list[str]) -> bool:
        tree = self._target.tree
        if self._options.dry_run:
            return True
        try:
            with naming_mount(tree.name, keys[0]):
                tree.transfers.remove(keys)
        except StorageError as error:
            self.tally.fail(f"{tree.name}:{keys[0]}", error)
            return False
        return True

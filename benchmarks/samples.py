"""What is stored and written: the same random bytes for every contender, nothing that compresses."""

import functools
import io
import random
import tarfile

MIB = 1 << 20
BIG_BYTES = 256 * MIB
BLOCK_BYTES = 4096
SMALL_BYTES = 16 * 1024


@functools.cache
def big() -> bytes:
    """The content of the big object, 256 MiB."""
    generator = random.Random(1)
    return b"".join(generator.randbytes(MIB) for _ in range(BIG_BYTES // MIB))


@functools.cache
def small_files(count: int) -> dict[str, bytes]:
    """So many files of 16 KiB, each with its own content."""
    return {f"file-{number:04d}.bin": random.Random(number).randbytes(SMALL_BYTES) for number in range(count)}


@functools.cache
def tree(folders: int, files_each: int) -> dict[str, bytes]:
    """A tree of small files of 100 to 3,000 bytes, by path."""
    sizes = random.Random(2)
    return {
        f"folder-{folder:02d}/file-{number:03d}.txt": sizes.randbytes(sizes.randint(100, 3000))
        for folder in range(folders)
        for number in range(files_each)
    }


def tar_of(files: dict[str, bytes]) -> bytes:
    """These files as a tar archive, as another user with another mode would have packed them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = 0o640
            member.mtime = 1_700_000_000
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def random_offsets(count: int) -> list[int]:
    """Block-aligned places in the big object, the same ones for everybody."""
    return random.Random(3).sample(range(0, BIG_BYTES, BLOCK_BYTES), count)

"""What the same guide shows of programs that know only local files, heading by heading."""

import logging
import os
import subprocess
from pathlib import Path

import pytest

from tests.seeds import programs
from vfs import StorageManager, StorageNode


@pytest.fixture(autouse=True)
def _programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the programs come first on the search path."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", programs.install(tmp_path / "bin"))


@pytest.fixture
def video(s3: StorageNode) -> StorageNode:
    video = s3 / "video.mp4"
    video.write_bytes(b"frames")
    return video


def test_the_call_method(video: StorageNode, storage: StorageManager) -> None:
    """Nodes among the arguments become local files; what the program made is in the store."""
    output = storage.node("s3:processed.mp4")
    video.call("ffmpeg", "-i", video, "-vcodec", "h264", "-crf", "28", output)
    assert (output.read_bytes(), video.read_bytes()) == (b"FRAMES", b"frames")
    assert video.version_count() == 1


def test_advanced_call_examples_multiple_inputs_outputs(s3: StorageNode) -> None:
    """Each node is a file of its own."""
    one, other, merged = s3 / "part1.mp4", s3 / "part2.mp4", s3 / "full.mp4"
    one.write_bytes(b"one")
    other.write_bytes(b"two")
    graph = "[0:v][1:v]concat=n=2:v=1[v]"
    one.call("ffmpeg", "-i", one, "-i", other, "-filter_complex", graph, "-map", "[v]", merged)
    assert merged.read_bytes() == b"ONETWO"


def test_advanced_call_examples_image_processing(storage: StorageManager) -> None:
    """A thumbnail of an upload."""
    photo, thumb = storage.node("uploads:photo.jpg"), storage.node("uploads:thumb.jpg")
    photo.write_bytes(b"many pixels")
    photo.call("convert", photo, "-resize", "200x200", "-quality", "85", thumb)
    assert thumb.read_bytes() == b"many "


def test_advanced_call_examples_document_conversion(storage: StorageManager) -> None:
    """With a time limit; the program tells kinds by suffixes, so they are kept."""
    doc, pdf = storage.node("docs:report.md"), storage.node("docs:report.pdf")
    doc.write_text("# Report")
    doc.call("pandoc", doc, "-o", pdf, "--pdf-engine=xelatex", timeout=60)
    assert pdf.read_bytes() == b"%PDF # Report"


def test_advanced_call_examples_error_handling(video: StorageNode, storage: StorageManager) -> None:
    """What the program said comes back, or is in the error; a failure stores nothing."""
    output = storage.node("s3:processed.mp4")
    assert video.call("ffmpeg", "-i", video, output, return_output=True) == "wrote processed.mp4\n"
    output.delete()
    video.write_bytes(b"damaged")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        video.call("ffmpeg", "-i", video, output, return_output=True)
    assert caught.value.stderr == "ffmpeg: video.mp4: invalid data\n"
    assert not output.exists()


def test_the_local_path_context_manager(video: StorageNode, storage: StorageManager) -> None:
    """`r` brings the file here, `w` stores a new one, `rw` stores what was changed."""
    with video.local_path(mode="r") as path:
        assert isinstance(path, Path)
        assert subprocess.check_output(["ffprobe", path]) == b"6 bytes\n"
    assert not path.exists()

    output = storage.node("s3:output.mp4")
    with output.local_path(mode="w") as path:
        subprocess.run(["ffmpeg", "-i", os.devnull, path], check=True, capture_output=True)
    assert output.read_bytes() == b""

    with video.local_path(mode="rw") as path:
        subprocess.run(["sharpen", path], check=True)
    assert video.read_bytes() == b"frames!"


def test_the_local_path_context_manager_when_to_use(video: StorageNode) -> None:
    """Several commands on one file, with Python between them."""
    with video.local_path(mode="rw") as path:
        while path.stat().st_size < 9:
            subprocess.run(["sharpen", path], check=True)
    assert video.read_bytes() == b"frames!!!"


def test_best_practices_tool_integration(
    video: StorageNode, storage: StorageManager, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors are handled, time is limited, and what a user wrote is one argument whatever it holds."""
    result = storage.node("s3:result.mp4")
    video.write_bytes(b"damaged")
    try:
        video.call("ffmpeg", "-i", video, "-codec", "h264", result)
    except subprocess.CalledProcessError as error:
        logging.getLogger("app").error("ffmpeg failed: %s", error.stderr)
    assert "ffmpeg failed: ffmpeg: video.mp4: invalid data" in caplog.text

    doc, pdf = storage.node("docs:a.md"), storage.node("docs:a.pdf")
    doc.write_text("text")
    doc.call("pandoc", doc, "-o", pdf, timeout=60)
    with pytest.raises(subprocess.TimeoutExpired):
        doc.call("sh", "-c", "exec sleep 60", timeout=0.2)

    filename = storage.node("home:in; touch injected.png")
    filename.write_bytes(b"picture")
    filename.call("convert", filename, storage.node("home:output.jpg"))
    assert {node.name for node in storage.node("home:").children()} == {filename.name, "output.jpg"}

"""A bundle: a folder of trained weights, with a manifest that vouches for every byte.

The manifest (`manifest.json`) names each file with its size and SHA-256. Files carry the start of
their hash in their names, so a new bundle's files never overwrite the old one's; the switch is
the one atomic replacement of the manifest. A process that dies half-way leaves the old bundle.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT = "osusume-bundle"
FORMAT_VERSION = 1  # that is written
OLDEST_VERSION = 1  # that is still read
MANIFEST = "manifest.json"
PRETRAINED = Path(__file__).parent / "pretrained"

_FILE_NAME = re.compile(r"[a-z_]+\.[0-9a-f]{8}\.safetensors")


class BundleError(Exception):
    """A bundle that cannot be used; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Weights in memory, each file checked against the manifest.

    Attributes:
        manifest: as parsed. `model` names the model, `settings` how it was trained, `serving`
            the numbers it needs beside its tensors, `data` and `split` what it has seen, and
            `metrics` how it did on the people it has not.
        version: the first 12 hexadecimal digits of the manifest's SHA-256.
    """

    manifest: dict[str, Any]
    version: str
    _contents: dict[str, bytes]

    @property
    def model(self) -> str:
        """Name of the model that it holds."""
        return self.manifest["model"]

    def tensors(self, name: str) -> dict[str, NDArray[Any]]:
        """The tensors of one part.

        Raises:
            BundleError: there is no such part, or it is not in the safetensors format.
        """
        if name not in self._contents:
            raise BundleError(
                f"The bundle holds the model {self.model} and has no part “{name}”; choose a "
                "bundle of the model that is asked for, or train one with `python -m recsys train`."
            )
        try:
            return load_tensors(self._contents[name])
        except SafetensorError as error:
            raise BundleError(f"The part “{name}” of the bundle cannot be read.") from error

    @classmethod
    def load(cls, path: Path | None = None) -> Bundle:
        """Reads and verifies a folder.

        Args:
            path: the folder; left out, the bundle that ships.

        Raises:
            BundleError: nothing there, or damaged, foreign, or of a later version of Osusume.
        """
        path = path or PRETRAINED
        try:
            raw = (path / MANIFEST).read_bytes()
        except OSError as error:
            raise BundleError(
                f"There is no bundle in {path}: make one with `python -m recsys train --out PATH`, "
                "or leave the setting empty to use the one that ships."
            ) from error
        manifest = _parse(path, raw)
        contents = {part: _verified(path, entry) for part, entry in manifest["files"].items()}
        return cls(manifest, _version(raw), contents)


def shipped_version() -> str | None:
    """The version of the bundle that ships, read from its manifest alone; None where none is."""
    try:
        return _version((PRETRAINED / MANIFEST).read_bytes())
    except OSError:
        return None


def _version(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:12]


def save_bundle(
    path: Path,
    parts: Mapping[str, Mapping[str, NDArray[Any]]],
    manifest: Mapping[str, Any],
) -> Path:
    """Writes a bundle, then switches to it.

    Args:
        path: the folder; made if needed. Files of other kinds in it are left alone.
        parts: tensors by name, by the name of their part (letters and underscores).
        manifest: everything but `format`, `format_version` and `files`, which are added.

    Returns:
        The path of the manifest.
    """
    path.mkdir(parents=True, exist_ok=True)
    before = _named_by_manifest(path)
    files: dict[str, dict[str, object]] = {}
    for part, tensors in sorted(parts.items()):
        content = save_tensors({k: np.ascontiguousarray(v) for k, v in sorted(tensors.items())})
        digest = hashlib.sha256(content).hexdigest()
        name = f"{part}.{digest[:8]}.safetensors"
        _replace(path / name, content)
        files[part] = {"name": name, "bytes": len(content), "sha256": digest}
    whole = {"format": FORMAT, "format_version": FORMAT_VERSION, **manifest, "files": files}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    _replace(path / MANIFEST, text.encode())
    for name in before - {str(entry["name"]) for entry in files.values()}:
        (path / name).unlink(missing_ok=True)
    return path / MANIFEST


def _parse(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(raw)
    except ValueError as error:
        raise BundleError(
            f"The manifest of the bundle in {path} is damaged: fetch the bundle again, or train it "
            "with `python -m recsys train`."
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BundleError(
            f"{path / MANIFEST} does not belong to an Osusume bundle: point the setting at a "
            "folder that `python -m recsys train` wrote."
        )
    version = manifest.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < OLDEST_VERSION:
        raise BundleError(
            f"The bundle in {path} has format {version}, which this Osusume does not read: it "
            f"reads {OLDEST_VERSION} to {FORMAT_VERSION}. Train it again with `python -m recsys "
            "train`, or use the one that ships."
        )
    if version > FORMAT_VERSION:
        raise BundleError(
            f"The bundle in {path} has format {version}, and this Osusume reads up to "
            f"{FORMAT_VERSION}: update Osusume, or train a bundle with it."
        )
    files = manifest.get("files")
    entries = list(files.values()) if isinstance(files, dict) else []
    named = isinstance(manifest.get("model"), str)
    if not named or not entries or not all(_is_entry(entry) for entry in entries):
        raise BundleError(
            f"The manifest of the bundle in {path} is damaged: it does not name its model or "
            "files; fetch the bundle again, or train it with `python -m recsys train`."
        )
    return manifest


def _is_entry(entry: object) -> bool:
    """Whether a manifest's line names a file of ours in its own folder, with a size and a hash."""
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and _FILE_NAME.fullmatch(entry["name"]) is not None
        and isinstance(entry.get("bytes"), int)
        and isinstance(entry.get("sha256"), str)
    )


def _verified(path: Path, entry: Mapping[str, Any]) -> bytes:
    name = entry["name"]
    try:
        content = (path / name).read_bytes()
    except OSError as error:
        raise BundleError(
            f"The bundle in {path} lacks its file {name}: fetch the bundle again, or train it with "
            "`python -m recsys train`."
        ) from error
    if len(content) != entry["bytes"] or hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise BundleError(
            f"The file {name} of the bundle in {path} is damaged, for it is not what the manifest "
            "says: fetch the bundle again, or train it with `python -m recsys train`."
        )
    return content


def _named_by_manifest(path: Path) -> set[str]:
    """Files of the bundle that a folder holds now; none where it holds none of ours."""
    try:
        manifest = _parse(path, (path / MANIFEST).read_bytes())
    except (OSError, BundleError):
        return set()
    return {entry["name"] for entry in manifest["files"].values()}


def _replace(path: Path, content: bytes) -> None:
    """Writes beside the target, reaches the disk, and takes its place in one step."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

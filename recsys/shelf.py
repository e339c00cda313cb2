"""A shelf of bundles, one of which answers: for trying a new one and going back.

A shelf is a folder with a bundle in each subfolder, named by its version, and `shelf.json`, which
says which one is active and which were before it. The switch is one atomic replacement of that
file, so whoever reads it sees the old bundle or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from recsys.bundle import MANIFEST, Bundle, BundleError

POINTER = "shelf.json"

_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Shelved:
    """One bundle of a shelf.

    Attributes:
        name: its folder, which is its version unless a person renamed it.
        model: which model it holds; empty where it cannot be read.
        version: as people's lists name it.
        size: bytes on the disk.
        active: whether it answers.
        trouble: why it cannot be used; empty when it can.
    """

    name: str
    model: str
    version: str
    size: int
    active: bool
    trouble: str


class Shelf:
    """A folder of bundles.

    Args:
        path: the folder; it need not exist until something is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def active(self) -> str | None:
        """The name of the active bundle; None where none was chosen, and the shipped one answers.

        Raises:
            BundleError: the pointer cannot be read.
        """
        history = self._history()
        return history[-1] if history else None

    @property
    def active_path(self) -> Path | None:
        """The folder of the active bundle, or None.

        Raises:
            BundleError: the pointer cannot be read.
        """
        name = self.active
        return None if name is None else self.path / name

    def bundles(self) -> list[Shelved]:
        """Every bundle of the shelf, verified to the last byte.

        Raises:
            BundleError: the pointer cannot be read.
        """
        if not self.path.is_dir():
            return []
        active = self.active
        folders = sorted(folder for folder in self.path.iterdir() if (folder / MANIFEST).is_file())
        return [_look_at(folder, active=folder.name == active) for folder in folders]

    def add(self, source: Path) -> str:
        """Copy a bundle onto the shelf, without activating it.

        Args:
            source: a folder with a bundle.

        Returns:
            Its name on the shelf.

        Raises:
            BundleError: it is no bundle, or is damaged; nothing was added.
            OSError: the shelf cannot be written.
        """
        bundle = Bundle.load(source)
        target = self.path / bundle.version
        if target.is_dir():
            Bundle.load(target)
            return bundle.version
        self.path.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: copied beside, then renamed.
        with tempfile.TemporaryDirectory(dir=self.path, prefix=".adding-") as beside:
            copy = Path(beside) / bundle.version
            copy.mkdir()
            for entry in bundle.manifest["files"].values():
                shutil.copyfile(source / entry["name"], copy / entry["name"])
            shutil.copyfile(source / MANIFEST, copy / MANIFEST)
            Bundle.load(copy)
            copy.rename(target)
        return bundle.version

    def activate(self, name: str) -> None:
        """Let a bundle answer from now on.

        Raises:
            BundleError: there is none of this name, or it cannot be used; nothing was changed.
            OSError: the shelf cannot be written.
        """
        if not (self.path / name / MANIFEST).is_file() or Path(name).name != name:
            known = ", ".join(one.name for one in self.bundles()) or "none"
            raise BundleError(f"There is no bundle {name} in {self.path}. There are: {known}.")
        Bundle.load(self.path / name)
        history = [one for one in self._history() if one != name]
        self._point([*history, name])

    def roll_back(self) -> str | None:
        """Let the bundle answer that did before the active one.

        Returns:
            Its name; None for the bundle that ships.

        Raises:
            BundleError: nothing was activated, or the one before cannot be used.
            OSError: the shelf cannot be written.
        """
        history = self._history()
        if not history:
            raise BundleError("There is nothing to go back to: the bundle that ships answers.")
        before = history[:-1]
        if before:
            Bundle.load(self.path / before[-1])
        self._point(before)
        return before[-1] if before else None

    def _history(self) -> list[str]:
        """The names of the bundles that were active, the active one last."""
        try:
            text = (self.path / POINTER).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BundleError(f"{self.path / POINTER} cannot be read: {error}.") from error
        try:
            names = json.loads(text)["activated"]
            if isinstance(names, list) and all(_is_name(name) for name in names):
                return names
        except (ValueError, KeyError, TypeError):
            pass
        raise BundleError(
            f"{self.path / POINTER} is damaged. Delete it, then activate a bundle again."
        )

    def _point(self, history: list[str]) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"activated": history[-_REMEMBERED:]}, indent=2) + "\n"
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=self.path, prefix=".shelf-", delete=False
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self.path / POINTER)


def _is_name(name: object) -> bool:
    """Whether a name is that of a folder on the shelf, and leads nowhere else."""
    return isinstance(name, str) and Path(name).name == name and name not in {"", ".", ".."}


def _look_at(folder: Path, *, active: bool) -> Shelved:
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    try:
        bundle = Bundle.load(folder)
    except BundleError as error:
        return Shelved(folder.name, "", "", size, active, str(error))
    return Shelved(folder.name, bundle.model, bundle.version, size, active, "")

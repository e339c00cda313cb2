"""`python -m recsys`: what a maintainer runs to build the catalog, train and evaluate."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

import recsys.cli
from recsys.bundle import BundleError
from recsys.catalog import CatalogError
from recsys.data.interactions import DataError

# Packages that only some commands need, and which extra of ours brings each.
_EXTRAS = {
    **dict.fromkeys(("pandas", "pyarrow", "tqdm", "torch"), "train"),
    **dict.fromkeys(("matplotlib", "sklearn"), "plots"),
    **dict.fromkeys(("optuna", "irspack", "fastslim", "surprise"), "evaluation"),
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one subcommand and returns its exit status.

    Every module of `recsys.cli` with an `add_parser` is a subcommand.
    """
    parser = argparse.ArgumentParser(prog="python -m recsys", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in sorted(info.name for info in pkgutil.iter_modules(recsys.cli.__path__)):
        add_parser = getattr(importlib.import_module(f"recsys.cli.{module}"), "add_parser", None)
        if add_parser is not None:
            add_parser(subparsers)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (BundleError, CatalogError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(
            f"This command needs {error.name}, which the extra “{extra}” brings: "
            f'pip install "osusume[{extra}]"',
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        why = (error.strerror or str(error)).rstrip(".")
        print(f"{error.filename} cannot be read or written: {why}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; what was there before is untouched.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

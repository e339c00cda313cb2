"""The subcommands of `python -m recsys`, one module each."""

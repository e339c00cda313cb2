"""One file a family of slash commands: read options, call one service, send one card."""

"""The real bot, driven through a simulated Discord."""

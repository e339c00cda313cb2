"""The local bot in a real Chromium."""

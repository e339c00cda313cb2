"""One reader a public data format, all giving one Interactions table."""

"""The use cases, in plain Python: no discord, no SQL."""

"""The pipeline: read, clean, split, fit, bundle."""

"""One reader for each of the four published packages that the catalog is built from."""

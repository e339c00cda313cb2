"""One model a file: fit, score, similar, save, load."""

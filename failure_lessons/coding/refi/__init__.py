"""REFI-QDA 1.5: codebooks and projects of NVivo, ATLAS.ti, MAXQDA and others, in and out."""

"""Files that come in and go out: decoding, safe cells, Word, responses to keep."""

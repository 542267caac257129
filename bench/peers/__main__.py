"""`python -m bench.peers`: the race without the rest of `make bench`."""

from bench.peers.race import main

main()

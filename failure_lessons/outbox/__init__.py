"""Mail that waits to be sent: written with what causes it, handed over by one worker, at most once."""

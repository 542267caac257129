"""What the public sends in, and who is told by mail: outside the recorded history, so that it can be erased."""

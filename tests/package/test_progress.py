"""How `load_evidence` tells on a terminal how far it is."""

import io

from failure_lessons.management.commands.load_evidence import Command


def test_progress_is_one_line_that_is_written_over():
    terminal = io.StringIO()
    command = Command(stderr=terminal)
    command.show_progress("Loading references", 3, 367)
    command.show_progress("Publishing", 479, 479)
    assert terminal.getvalue() == "\r\x1b[KLoading references 3/367\r\x1b[KPublishing 479/479"

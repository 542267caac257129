"""References from elsewhere: files of other programs, read without trust, looked at first, then taken in as drafts."""

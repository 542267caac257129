"""The project package: floor (users, vocabulary, dates, publishing) and roof (pages, search, API)."""

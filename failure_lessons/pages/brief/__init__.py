"""My brief: the records a reader picked, as one page to print, a Word file and a tagged PDF.

There is no account and no cookie: the brief is in its address (`selection`). One function (`content.brief`) makes what
the page, the Word file (`word`) and the PDF (`pdf`) show; `carrying` lets the brief survive while the reader browses.
"""

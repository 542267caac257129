"""Other people's software beside ours: the same invented recommendations, asked in turn in one run. `python -m bench.peers`.

| peer      | what it is                                                           | holds them in                       |
|-----------|----------------------------------------------------------------------|-------------------------------------|
| Datasette | a server of tables as data, with facets and FTS5                     | a file of SQLite below var/peers    |
| stock DRF | nested serializers, django-filter, page numbers: `site/recommendations.py` | `failure_lessons_peers_20000` |
| Wagtail   | pages, the second version of its API, search in the database: `site/pages.py` | the same                   |

Each has its indexes for what it is asked, one worker and nothing kept between requests.
"""

"""References as people write them."""

import html
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.bibliography.names import split_harvard_reference as in_parts
from failure_lessons.exports.formats import EditionItem
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.exports.formats.styles import format_harvard, format_vancouver
from tests.examples import examples
from tests.formats.conftest import BASE, row, texts

JOURNAL = {
    "type": "article-journal",
    "title": "Performance failure in the public sector: Misfortune or mismanagement?",
    "author": [{"family": "Andrews", "given": "Rhys"}, {"family": "Boyne", "given": "George A."}],
    "issued": {"date-parts": [[2006, 6]]},
    "container-title": "Public Management Review",
    "volume": "8",
    "issue": "2",
    "page": "273-296",
    "DOI": "10.1080/14719030600587612",
    "URL": "https://example.org/a",
}
REPORT = {
    "type": "report",
    "title": "The future of the Probation Service",
    "issued": {"date-parts": [[2021, 4]]},
    "author": [{"literal": "House of Commons Justice Committee"}],
    "publisher": "UK Parliament",
    "number": "HC 285",
    "URL": "https://example.org/r",
}
BOOK = {
    "type": "book",
    "title": "Turnaround Leadership",
    "author": [{"family": "Fullan", "given": "Michael"}],
    "issued": {"date-parts": [[2006]]},
    "publisher": "Jossey-Bass",
    "publisher-place": "San Francisco",
    "edition": "2",
}
CHAPTER = {
    "type": "chapter",
    "title": "Learning late",
    "author": [{"family": "van Beek", "given": "Jean-Paul"}],
    "editor": [{"family": "Ode", "given": "B."}, {"family": "Poe", "given": "C D"}],
    "container-title": "On failure",
    "publisher": "Sage",
    "publisher-place": "London",
    "issued": {"date-parts": [[2014]]},
    "page": "93-113",
}
PAGE = {
    "type": "webpage",
    "title": "Medway must close",
    "author": [{"literal": "Article 39"}],
    "publisher": "Article 39",
    "issued": {"date-parts": [[2016, 5, 12]]},
    "URL": "https://example.org/w",
}
NEWS = {
    "type": "article-newspaper",
    "title": "Hackney heads battle huge cuts",
    "container-title": "The Guardian",
    "author": [{"family": "Mansell", "given": "Warwick"}],
    "issued": {"date-parts": [[2000, 11, 17]]},
    "URL": "https://example.org/n",
}


@pytest.mark.parametrize(
    ("csl", "line"),
    [
        (
            JOURNAL,
            "Andrews R, Boyne GA. Performance failure in the public sector: Misfortune or mismanagement? "
            "Public Management Review. 2006 Jun;8(2):273-96. doi:10.1080/14719030600587612",
        ),
        (
            REPORT,
            "House of Commons Justice Committee. The future of the Probation Service [Internet]. UK Parliament; "
            "2021 Apr. Report No.: HC 285. Available from: https://example.org/r",
        ),
        (BOOK, "Fullan M. Turnaround Leadership. 2nd ed. San Francisco: Jossey-Bass; 2006."),
        (CHAPTER, "van Beek JP. Learning late. In: Ode B, Poe CD, editors. On failure. London: Sage; 2014. p. 93-113."),
        (
            PAGE,
            "Article 39. Medway must close [Internet]. Article 39; 2016 May 12. Available from: https://example.org/w",
        ),
        (
            NEWS,
            "Mansell W. Hackney heads battle huge cuts. The Guardian [Internet]. 2000 Nov 17. "
            "Available from: https://example.org/n",
        ),
        (
            PAGE | {"accessed": {"date-parts": [[2026, 11, 25]]}},
            "Article 39. Medway must close [Internet]. Article 39; 2016 May 12 [cited 2026 Nov 25]. "
            "Available from: https://example.org/w",
        ),
        (
            BOOK | {"author": [{"family": f"A{n}", "given": "B"} for n in range(8)]},
            "A0 B, A1 B, A2 B, A3 B, A4 B, A5 B, et al. Turnaround Leadership. 2nd ed. San Francisco: Jossey-Bass; 2006.",
        ),
        (
            NEWS | {"author": [], "issued": {"date-parts": [[1996, 11]], "circa": True}},
            "Hackney heads battle huge cuts. The Guardian [Internet]. [about 1996 Nov]. "
            "Available from: https://example.org/n",
        ),
        (
            JOURNAL | {"page": "e12", "issue": ""},
            "Andrews R, Boyne GA. Performance failure in the public sector: Misfortune or mismanagement? "
            "Public Management Review. 2006 Jun;8:e12. doi:10.1080/14719030600587612",
        ),
        ({}, "[date unknown]."),
    ],
)
def test_vancouver_as_citing_medicine_has_it(csl, line):
    assert format_vancouver(csl) == line


@pytest.mark.parametrize(
    ("csl", "line"),
    [
        (
            JOURNAL,
            "Andrews, R. and Boyne, G.A. (2006) ‘Performance failure in the public sector: Misfortune or "
            "mismanagement?’, <i>Public Management Review</i>, 8(2), pp. 273–296. "
            "Available at: https://doi.org/10.1080/14719030600587612.",
        ),
        (
            REPORT,
            "House of Commons Justice Committee (2021) <i>The future of the Probation Service</i>. HC 285. "
            "UK Parliament. Available at: https://example.org/r.",
        ),
        (BOOK, "Fullan, M. (2006) <i>Turnaround Leadership</i>. 2nd edn. San Francisco: Jossey-Bass."),
        (PAGE | {"author": []}, "Article 39 (2016) <i>Medway must close</i>. Available at: https://example.org/w."),
        ({"type": "webpage", "title": "Only a title"}, "Only a title (no date)."),
        (
            BOOK | {"issued": {"date-parts": [[2006, 3]], "circa": True}},
            "Fullan, M. (c. 2006) <i>Turnaround Leadership</i>. 2nd edn. San Francisco: Jossey-Bass.",
        ),
        (
            BOOK | {"title": "<b>A</b> & <script>"},
            "Fullan, M. (2006) <i>&lt;b&gt;A&lt;/b&gt; &amp; &lt;script&gt;</i>. 2nd edn. San Francisco: Jossey-Bass.",
        ),
    ],
)
def test_harvard_as_cite_them_right_has_it(csl, line):
    assert format_harvard(csl) == line


def test_an_edition_in_both_styles():
    csl = csl_item(EditionItem(row("recommendation", "act-early", 3, code="R4", title="Act early"), BASE))
    assert format_harvard(csl) == (
        "Failure Lessons (2026) <i>Act early</i>. Recommendation R4, edition 3. Failure Lessons. "
        "Available at: https://lessons.example.org/recommendations/act-early/v3/."
    )
    assert format_vancouver(csl) == (
        "Failure Lessons. Act early [Internet]. Failure Lessons; 2026 Nov 25. Recommendation R4, edition 3. "
        "Available from: https://lessons.example.org/recommendations/act-early/v3/"
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_lists_and_whole_references_agree_on_who_and_when(library):
    for each in library.filter(kind="reference"):
        csl = csl_item(EditionItem(each, BASE))
        whole = html.unescape(re.sub("<[^>]+>", "", format_harvard(csl)))
        assert whole.casefold().startswith(in_parts(csl)["lead"].casefold())


@pytest.mark.slow
@examples(150)
@given(
    st.dictionaries(
        st.sampled_from(["author", "editor", "issued", "page", "volume", "DOI", "accessed", "number"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**40), 2**40) | texts(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["family", "given", "literal", "date-parts", "circa"]), inner, max_size=3
                )
            ),
            max_leaves=8,
        ),
    )
)
def test_nonsense_is_rendered_safely(csl):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not re.search("<(?!/?(i|b|sup|sub)>)", format_harvard(csl))
        assert "\n" not in format_vancouver(csl)

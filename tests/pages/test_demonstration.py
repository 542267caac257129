"""`make demo`: filled with what is invented, marked everywhere, and nothing of it gets into a library."""

import re

import pytest
from django.test import Client

from bench.demonstration import MARK, TITLES, CannotDemonstrate, fill_database, refuse_real_library
from failure_lessons.accounts.models import User
from failure_lessons.packages.exchange import export_package
from failure_lessons.packages.validation import check_schema
from failure_lessons.publishing.models import Edition
from literature.models import Candidate, LiteratureReview
from literature.screening.queue import open_conflicts
from recommendations.consultations.models import ConsultationRound, WorkshopSession

pytestmark = pytest.mark.django_db


def test_a_demonstration_is_refused_where_the_library_is():
    before = Edition.objects.count()
    with pytest.raises(CannotDemonstrate, match="holds a library"):
        fill_database()
    assert Edition.objects.count() == before > 0
    assert not User.objects.filter(username=MARK).exists()


@pytest.mark.slow
def test_a_demonstration_shows_everything_filled_and_marks_every_page_and_file(settings):
    User.objects.create_user(MARK)  # as a demonstration has it whose filling was interrupted
    refuse_real_library()
    assert "sign in as invented-director" in fill_database()
    assert "there already" in fill_database()

    stages = {row.slug.removeprefix("invented-"): row.stage for row in ConsultationRound.objects.all()}
    assert stages == {name: name for name in ("draft", "announced", "open", "closed", "reported", "cancelled")}
    tallies = [vote.tally for vote in WorkshopSession.objects.get(round__slug="invented-reported").votes.all()]
    assert [sorted(tally.values()) for tally in tallies] == [[0, 0, 10, 14], [0, 10, 14]], "the same numbers each time"
    review = LiteratureReview.objects.get(slug="invented-review")
    assert Candidate.objects.filter(review=review).count() > 0
    assert open_conflicts(review)
    assert review.characteristics.get().values["warnings-counted"] == {"number": 3}
    assert review.studypapers.count() == 4

    settings.DEMONSTRATION = True
    visitor, desk = Client(), Client()
    desk.force_login(User.objects.get(username="invented-facilitator"))
    reported = ConsultationRound.objects.get(slug="invented-reported")
    wall = WorkshopSession.objects.get(round=reported).wall
    pages = [
        "/",
        "/consultation-rounds/",
        f"/consultation-rounds/{reported.slug}/",
        f"/take-part/wall/{wall}/",
        "/nowhere/",
    ]
    for browser, address in [*((visitor, each) for each in pages), (desk, "/admin/"), (visitor, "/follow-up/overdue/")]:
        answer = browser.get(address)
        assert answer.content.count(b'class="demonstration"') == 1, address
        assert "noindex" in answer["X-Robots-Tag"], address
    assert b"Invented Care Board" in visitor.get("/follow-up/overdue/").content
    for address in ("/consultation-rounds/export.csv", f"/consultation-rounds/{reported.slug}/results.csv"):
        answer = visitor.get(address)
        assert re.search(r'filename="invented-', answer["Content-Disposition"]), address
        assert "noindex" in answer["X-Robots-Tag"]

    hidden = ("/consultation-rounds/", "/api/v1/consultation-rounds/?limit=100", "/search/?q=invented", "/changes/")
    for address in (*hidden, "/changes/feed.atom", "/consultation-rounds/export.json"):
        answer = visitor.get(address)
        assert answer.status_code == 200, address
        assert TITLES["draft"] not in b"".join(answer).decode(), f"a draft at {address}"
    assert visitor.get("/consultation-rounds/invented-draft/").status_code == 404

    package = export_package()
    assert package.manifest["invented"] is True
    assert not list(check_schema(package))
    settings.DEMONSTRATION = False
    assert [problem.code for problem in check_schema(package)] == ["invented"]
    assert b'class="demonstration"' not in Client().get("/").content

"""The page of one person's data: handed over without pseudonymous answers, or erased everywhere."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from failure_lessons.files.responses import attach_file
from recommendations.consultations.desk import RUN, RoundPart
from recommendations.consultations.erasure import erase_person, export_person, find_people


class PersonPages(RoundPart):
    """What consultations hold of a person, across all rounds."""

    def urls(self) -> list[URLPattern]:
        return [self.make_path("person/", self.person_view, self.name_page("person"))]

    def person_view(self, request: HttpRequest) -> HttpResponse:
        """Hand over or erase; erasing asks for the address twice."""
        by = self.demand(request, RUN)
        email, fault = request.POST.get("email", "").strip(), ""
        if request.method == "POST":
            rounds = len(find_people(email)) if email else 0
            if not rounds:
                fault = "No round knows this address: nothing was done."
            elif request.POST.get("what") == "hand":
                held = export_person(email=email, by=by, for_staff=True)
                text = json.dumps(held, indent=2, ensure_ascii=False)
                return attach_file(text.encode(), "data-of-a-person.json", "application/json")
            elif request.POST.get("again", "").strip().casefold() != email.casefold():
                fault = "To erase, write the address a second time, just as it is: nothing was erased."
            else:
                messages.success(request, f"Erased in {erase_person(email=email, by=by)} rounds. It cannot be undone.")
                return self.go_to("person")
        return self.show_page(request, "person", 400 if fault else 200, {"email": email, "fault": fault})

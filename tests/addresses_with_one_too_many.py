"""The site map with two patterns that nobody has given an example of."""

from django.urls import path

from failure_lessons import urls
from failure_lessons.pages.pages import about_page

urlpatterns = [
    *urls.urlpatterns,
    path("new-page/", about_page, name="nobody-thought-of-this"),
    path("newer-page/", about_page),
]

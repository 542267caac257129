"""The addresses of both."""

from django.urls import path
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet

from bench.peers.site.recommendations import RecommendationList, WithEvidenceList

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", PagesAPIViewSet)

urlpatterns = [
    path("recommendations/", RecommendationList.as_view()),
    path("recommendations-with-evidence/", WithEvidenceList.as_view()),
    path("api/v2/", router.urls),
]

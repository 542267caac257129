"""The stock API: nested serializers, prefetched; django-filter; SearchFilter; page numbers with a count."""

from rest_framework.generics import ListAPIView
from rest_framework.serializers import ModelSerializer

from bench.peers.site.models import MEMBERS, Evidence, Recommendation, Term


class TermSerializer(ModelSerializer):
    class Meta:
        model = Term
        fields = ["name", "code"]


class EvidenceSerializer(ModelSerializer):
    class Meta:
        model = Evidence
        fields = ["kind", "slug", "title", "statement"]


class RecommendationSerializer(ModelSerializer):
    terms = TermSerializer(many=True)

    class Meta:
        model = Recommendation
        fields = ["slug", "code", "title", *MEMBERS, "terms"]


class WithEvidenceSerializer(RecommendationSerializer):
    evidence = EvidenceSerializer(many=True)

    class Meta:
        model = Recommendation
        fields = [*RecommendationSerializer.Meta.fields, "evidence"]


class RecommendationList(ListAPIView):
    """Recommendations with their terms."""

    queryset = Recommendation.objects.prefetch_related("terms")
    serializer_class = RecommendationSerializer
    filterset_fields = ["phase", "level", "strength", "confidence"]
    search_fields = ["title", "statement", "rationale"]


class WithEvidenceList(RecommendationList):
    """The same with all that they rest on."""

    queryset = Recommendation.objects.prefetch_related("terms", "evidence")
    serializer_class = WithEvidenceSerializer

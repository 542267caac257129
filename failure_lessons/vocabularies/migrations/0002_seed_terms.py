"""The terms that every library starts with, as they were when they became records."""

from django.db import migrations

TERMS = {
    "failure-type": [
        ("quality", "Quality"),
        ("safety", "Safety"),
        ("financial", "Financial"),
        ("governance", "Governance"),
        ("leadership", "Leadership"),
        ("performance", "Performance"),
        ("contract", "Contract"),
    ],
    "intervention": [
        ("inspection", "Inspection"),
        ("performance-monitoring", "Performance monitoring"),
        ("inquiry", "Inquiry"),
        ("leadership-change", "Leadership change"),
        ("external-advisers", "External advisers"),
        ("financial-support", "Financial support"),
        ("peer-support", "Peer support"),
        ("special-measures", "Special measures"),
        ("governance-replacement", "Governance replacement"),
        ("merger-or-takeover", "Merger or takeover"),
        ("outsourcing", "Outsourcing"),
        ("insourcing", "Insourcing"),
        ("contract-termination", "Contract termination"),
        ("closure", "Closure"),
        ("other", "Other"),
    ],
    "framework": [
        ("spice", "SPICE"),
        ("pico", "PICo"),
    ],
    "appraisal-tool": [
        ("aacods", "AACODS"),
        ("casp-qualitative", "CASP qualitative"),
        ("mmat", "MMAT"),
    ],
}


def seed_terms(apps, schema_editor):
    model = apps.get_model("vocabularies", "VocabularyTerm")
    for vocabulary, terms in TERMS.items():
        for place, (code, label) in enumerate(terms, start=1):
            values = {"label": label, "position": 10 * place}
            model.objects.get_or_create(vocabulary=vocabulary, code=code, defaults=values)


class Migration(migrations.Migration):

    dependencies = [("vocabularies", "0001_first_release")]

    operations = [migrations.RunPython(seed_terms, migrations.RunPython.noop)]

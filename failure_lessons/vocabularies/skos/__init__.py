"""Vocabularies from elsewhere: SKOS read into themes and glossary terms, looked at first, then all or nothing."""

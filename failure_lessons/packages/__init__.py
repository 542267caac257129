"""Evidence packages: their format, schema and validation, loading and exporting."""

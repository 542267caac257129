"""What the templates of dossiers use."""

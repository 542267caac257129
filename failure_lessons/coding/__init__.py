"""Source documents, quotations whose words are proven to stand in them, and the coding of quotations by theme."""

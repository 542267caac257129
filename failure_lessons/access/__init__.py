"""Who may ask, and how much: partners' tokens, authentication, quotas, the address of a client."""

"""Webhooks: telling partners of every change, after the Standard Webhooks specification."""

"""Addresses as QR codes, for paper and screens."""

from __future__ import annotations

import io

import segno

ERROR_CORRECTION = "m"  # 15 %: what a photocopy and a coffee cup leave readable


def qr_svg(address: str) -> str:
    """As SVG, without an XML declaration; it takes the size that its frame gives it."""
    out = io.BytesIO()
    segno.make(address, error=ERROR_CORRECTION, micro=False).save(out, kind="svg", xmldecl=False, omitsize=True)
    return out.getvalue().decode()


def qr_png(address: str) -> bytes:
    """As PNG, for Word files and slides."""
    out = io.BytesIO()
    segno.make(address, error=ERROR_CORRECTION, micro=False).save(out, kind="png", scale=8)
    return out.getvalue()

"""Stage 7: what to ask next, and what a client-focused colleague would say instead."""

from notesense.advice.advisor import Advisor

__all__ = ["Advisor"]

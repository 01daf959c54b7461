"""The llm engine: a model behind an OpenAI-compatible endpoint detects, groups, matches and writes.

::

    prompts ─► client ─► cache? ─► spending (cap) ─► endpoint | answers by hand ─► schemas ─► claims, groups, choices

The model returns quotes, never offsets; what it says is data that is checked, not text that is believed.
"""

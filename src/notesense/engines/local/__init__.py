"""The local engine: embedded models, offline."""

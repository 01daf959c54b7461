"""How the shipped models are made: ``make train``, ``make encoder``."""

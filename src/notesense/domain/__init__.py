"""Plain, frozen data that crosses boundaries; no I/O."""

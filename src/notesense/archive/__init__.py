"""Archives: thousands of notes, read once each, whatever interrupts it.

::

    discover ─► ledger (what is to be done) ─► runner (processes, threads) ─► results, one file each ─► ledger (done)
                                                                                     └─► export

A result is written whole (written, flushed to disk, renamed) before the ledger says that its note is done, so a run that
was killed at any moment goes on where it stopped and repeats nothing that was finished.
"""

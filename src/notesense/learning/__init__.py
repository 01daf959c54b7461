"""Learning: labelled notes → the rows that heads are fitted on; corrections → a personal model.

``make train`` makes the same rows of the training notes. A personal model needs SciPy (``pip install 'notesense[learn]'``).
"""

"""Learning: labelled notes → the rows that heads are fitted on → heads; from corrections, a personal model.

``make train`` fits the shipped heads with the same code. Needs scikit-learn (``pip install 'notesense[learn]'``).
"""

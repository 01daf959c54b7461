"""Words in the names of people and organisations that tell nobody apart."""

TITLES = frozenset("mr mrs ms mx dr prof professor rev sir lord dame cllr councillor eng".split())
"""Before the names of people."""
ORDINARY = frozenset(
    """
    the of and for in at city county town village borough district state department dept office council board
    authority agency company co group works public services service limited ltd inc llc plc gmbh ag sa partners
    university college school schools hospital health trust foundation society association institute international
    national regional north south east west new st saint
    """.split()
)
"""In the names of organisations of every kind."""

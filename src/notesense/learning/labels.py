"""The heads and what each should say of a labelled row."""

LABELS: dict[str, tuple[str, ...]] = {
    "finding": ("none", "stated", "implied", "pitch"),
    "category": (
        "compliance", "condition_capacity", "cost_funding", "schedule_delivery", "risk_resilience", "operations",
        "stakeholders", "data_technology", "sustainability_energy", "growth_change", "safety_wellbeing",
        "service_quality",
    ),
    "tactic": ("credentials", "premature_solution", "revenue_motive", "ask_without_value", "dismissal", "pressure"),
    "where": ("said", "noted"),
}  # fmt: skip


def answer(head: str, label: str) -> str | None:
    """Return what a head should say of a labelled row; None where the row says nothing to it.

    Args:
        head: Name of the head.
        label: "none", "need:KIND:CATEGORY", "pitch:TACTIC[:WHERE]" or, of a need's written statement, "statement:CATEGORY".
    """
    kind, _, rest = label.partition(":")
    if kind == "statement":
        return rest if head == "category" else None
    match head:
        case "finding":
            return {"none": "none", "pitch": "pitch"}.get(kind) or rest.split(":")[0]
        case "category":
            return rest.split(":")[1] if kind == "need" else None
        case "tactic":
            return rest.split(":")[0] if kind == "pitch" else None
    return rest.split(":")[1] if kind == "pitch" and ":" in rest else None

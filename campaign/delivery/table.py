"""What a run prints."""

import json

from .ledgers import KINDS


def write_table(campaign):
    """Per fault: tried, lost, doubled, stuck, wrongly rejected."""
    width = max(map(len, campaign.by_fault))
    print(f"{'fault':{width}} {'tried':>6}", *(f"{kind:>16}" for kind in KINDS))
    for fault, kinds in campaign.by_fault.items():
        if campaign.planned[fault]:
            counts = (f"{kinds[kind]:16}" for kind in KINDS)
            print(f"{fault:{width}} {campaign.tried[fault]:6}", *counts)


def closing_line(campaign, rounds, **more):
    """The last line: JSON."""
    tried = [campaign.tried[fault] for fault in campaign.by_fault]
    result = {
        "rounds": rounds,
        **{kind.replace(" ", "_"): campaign.found[kind] for kind in KINDS},
        "seed": campaign.seed,
        "faults": len(tried),
        "faults_tried": sum(tried),
        "least_tried": min(tried),
        **more,
    }
    return json.dumps(result)

def migrate(cr, version):
    """Until now a company received what it was the buyer of, and nothing else."""
    cr.execute(
        "UPDATE ksef_document SET role = 'Subject2', listed_roles = 'Subject2'"
        " WHERE direction = 'received' AND role IS NULL"
    )

def migrate(cr, version):
    """What was received before there were roles, was received as the buyer."""
    cr.execute(
        """
        UPDATE ksef_document
           SET role = 'Subject2', listed_roles = 'Subject2'
         WHERE direction = 'received' AND role IS NULL
        """
    )

"""What a test inside one transaction cannot test: real commits, and real deaths.

`scripts/test campaign` runs it on a database and a data_dir of its own. The tests run
in plain pytest and hold the KSeF simulator; a nursery of its own process has loaded
Odoo and forks a worker for each order. The addon knows nothing of all this.
"""

"""Steps by which the tables of recorded runs came to be what they are; Alembic takes a database through them."""

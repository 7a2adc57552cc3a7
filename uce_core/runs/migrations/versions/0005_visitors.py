"""Whose a run and a rating are, on a page for others: the id of a visitor, or "" for the operator's; and how much room
a run takes besides its files."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
TABLES = ("runs", "judgements")
RECORDED = ("request", "surroundings", "outcome")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("visitor", sa.String(40), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("bytes", sa.Integer, nullable=False, server_default="0"))
    lengths = " + ".join(f"coalesce(length(CAST({name} AS TEXT)), 0)" for name in RECORDED)
    op.execute(f"UPDATE runs SET bytes = {lengths}")


def downgrade() -> None:
    op.drop_column("runs", "bytes")
    for table in TABLES:
        op.drop_column(table, "visitor")

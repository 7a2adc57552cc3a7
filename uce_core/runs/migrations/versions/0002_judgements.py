"""What people judged of a run's images."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "judgements",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("item", sa.String(32), primary_key=True),
        sa.Column("reviewer", sa.String(80), primary_key=True),
        sa.Column("ratings", sa.JSON, nullable=False),
        sa.Column("flag", sa.Boolean, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("moment", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("judgements")

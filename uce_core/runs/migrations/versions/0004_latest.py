"""When a run was last generated: lists begin with it, and what was generated long ago ages out first."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("runs", sa.Column("latest", sa.String(32), nullable=True))
    op.execute("UPDATE runs SET latest = created")


def downgrade() -> None:
    op.drop_column("runs", "latest")

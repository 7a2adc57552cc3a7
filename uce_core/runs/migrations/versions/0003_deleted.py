"""When a run was deleted, for as long as that can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("runs", sa.Column("deleted", sa.String(32), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "deleted")

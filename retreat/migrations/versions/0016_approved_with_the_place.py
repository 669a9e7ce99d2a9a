"""Who was promised approval keeps the promise while waiting for a place."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("skips_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Only the rows that were there needed it.
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("skips_approval", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("skips_approval")

"""Who was invited stays so while waiting for a seat."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_invited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE place SET is_invited = true WHERE state = 'invited'")
    # Only the rows that were there needed it.
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.alter_column("is_invited", server_default=None)


def downgrade() -> None:
    # Older rows say one of the two: the invitation holds, the place in the line is asked for again.
    op.execute("UPDATE place SET state = 'invited' WHERE state = 'waiting' AND is_invited")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_column("is_invited")

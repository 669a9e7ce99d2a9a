"""How often a session was published as another one: SEQUENCE counts only what calendars say of it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("revised_session") as batch_op:
        batch_op.add_column(sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))
    # Until now SEQUENCE counted them all.
    op.execute("UPDATE revised_session SET changes = sequence")
    with op.batch_alter_table("revised_session") as batch_op:
        batch_op.alter_column("changes", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("revised_session") as batch_op:
        batch_op.drop_column("changes")

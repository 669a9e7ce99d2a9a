"""Whether people sign up for a seat in a session."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("takes_sign_up", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.drop_column("takes_sign_up")

"""A key by which the same work is asked for once only."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("once", sa.String(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_job_once"), ["once"])


def downgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_job_once"), type_="unique")
        batch_op.drop_column("once")

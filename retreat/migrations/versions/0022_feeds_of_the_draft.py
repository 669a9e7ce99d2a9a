"""Feeds of the draft, which belong to organisers, and the program that read a feed last."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organiser_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("last_client", sa.String(length=40), nullable=False, server_default=""))
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_index(batch_op.f("ix_subscription_organiser_id"), ["organiser_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_subscription_organiser_id_organiser"),
            "organiser",
            ["organiser_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_subscription_one_owner"), "(person_id IS NULL) <> (organiser_id IS NULL)"
        )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.alter_column("last_client", server_default=None)


def downgrade() -> None:
    # The older schema knows people only.
    op.execute("DELETE FROM subscription WHERE person_id IS NULL")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_subscription_one_owner"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_subscription_organiser_id_organiser"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_subscription_organiser_id"))
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("last_client")
        batch_op.drop_column("organiser_id")

"""Flights, hotel, companion, a gender that is only counted, the moment of arrival, and whether numbers are published."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("arrival_time", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("arrival_flight", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("departure_time", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("departure_flight", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("hotel", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("companion", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(
            sa.Column(
                "gender",
                sa.Enum("woman", "man", "another", name="gender", native_enum=False, create_constraint=True, length=24),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    # Only the rows that were there needed it.
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("arrival_flight", server_default=None)
        batch_op.alter_column("departure_flight", server_default=None)
        batch_op.alter_column("hotel", server_default=None)
        batch_op.alter_column("companion", server_default=None)
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("are_numbers_shown", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Only the rows that were there needed it.
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.alter_column("are_numbers_shown", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_column("are_numbers_shown")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_registration_gender"), type_="check")
        batch_op.drop_column("arrived_at")
        batch_op.drop_column("gender")
        batch_op.drop_column("companion")
        batch_op.drop_column("hotel")
        batch_op.drop_column("departure_flight")
        batch_op.drop_column("departure_time")
        batch_op.drop_column("arrival_flight")
        batch_op.drop_column("arrival_time")

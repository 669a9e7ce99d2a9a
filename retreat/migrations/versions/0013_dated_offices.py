"""Offices with their dates, and people who look alike but are two."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("seen_first", sa.Date(), nullable=False),
        sa.Column("seen_last", sa.Date(), nullable=False),
        sa.CheckConstraint("position <> '' OR organisation <> ''", name=op.f("ck_office_says_something")),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", name=op.f("ck_office_dates")
        ),
        sa.CheckConstraint("seen_first <= seen_last", name=op.f("ck_office_seen")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_office_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_office_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_office_person_id"), ["person_id"], unique=False)

    op.create_table(
        "two_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_two_people_order")),
        sa.ForeignKeyConstraint(
            ["one_id"], ["person.id"], name=op.f("fk_two_people_one_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["person.id"], name=op.f("fk_two_people_other_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_two_people")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_two_people_one_id_other_id")),
    )
    with op.batch_alter_table("two_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_two_people_other_id"), ["other_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("two_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_two_people_other_id"))

    op.drop_table("two_people")

    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_office_person_id"))
        batch_op.drop_index(batch_op.f("ix_office_organisation_id"))

    op.drop_table("office")

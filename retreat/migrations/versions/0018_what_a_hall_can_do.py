"""Booths, language pairs and closures of halls, walks between venues, and clashes that are accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "walk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_walk_minutes")),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_walk_one_row_a_pair")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_walk_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["one_id"], ["venue.id"], name=op.f("fk_walk_one_id_venue"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["venue.id"], name=op.f("fk_walk_other_id_venue"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_walk_one_id_other_id")),
    )
    with op.batch_alter_table("walk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_walk_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_walk_other_id"), ["other_id"], unique=False)

    op.create_table(
        "hall_closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("(starts IS NULL) = (ends IS NULL)", name=op.f("ck_hall_closure_whole_day_or_both")),
        sa.CheckConstraint("starts IS NULL OR starts <> ends", name=op.f("ck_hall_closure_takes_time")),
        sa.ForeignKeyConstraint(
            ["hall_id"], ["hall.id"], name=op.f("fk_hall_closure_hall_id_hall"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall_closure")),
    )
    with op.batch_alter_table("hall_closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hall_closure_hall_id"), ["hall_id"], unique=False)

    op.create_table(
        "accepted_clash",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("sides", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_accepted_clash_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["one_id"], ["agenda_session.id"], name=op.f("fk_accepted_clash_one_id_agenda_session"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["agenda_session.id"],
            name=op.f("fk_accepted_clash_other_id_agenda_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_clash")),
    )
    with op.batch_alter_table("accepted_clash", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accepted_clash_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_accepted_clash_other_id"), ["other_id"], unique=False)
        batch_op.create_index(
            "uq_accepted_clash_alone",
            ["kind", "one_id"],
            unique=True,
            sqlite_where=sa.text("other_id IS NULL"),
            postgresql_where=sa.text("other_id IS NULL"),
        )
        batch_op.create_index("uq_accepted_clash_pair", ["kind", "one_id", "other_id"], unique=True)

    with op.batch_alter_table("hall", schema=None) as batch_op:
        batch_op.add_column(sa.Column("booths", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("language_pairs", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_hall_booths"), "booths IS NULL OR booths >= 0")
        batch_op.create_check_constraint(
            batch_op.f("ck_hall_language_pairs"), "language_pairs IS NULL OR language_pairs >= 0"
        )


def downgrade() -> None:
    with op.batch_alter_table("hall", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_hall_language_pairs"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_hall_booths"), type_="check")
        batch_op.drop_column("language_pairs")
        batch_op.drop_column("booths")
    with op.batch_alter_table("accepted_clash", schema=None) as batch_op:
        batch_op.drop_index("uq_accepted_clash_pair")
        batch_op.drop_index(
            "uq_accepted_clash_alone",
            sqlite_where=sa.text("other_id IS NULL"),
            postgresql_where=sa.text("other_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_accepted_clash_other_id"))
        batch_op.drop_index(batch_op.f("ix_accepted_clash_edition_id"))

    op.drop_table("accepted_clash")

    with op.batch_alter_table("hall_closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hall_closure_hall_id"))

    op.drop_table("hall_closure")

    with op.batch_alter_table("walk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_walk_other_id"))
        batch_op.drop_index(batch_op.f("ix_walk_edition_id"))

    op.drop_table("walk")

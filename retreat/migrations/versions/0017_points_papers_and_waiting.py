"""Points of a meeting, papers of a session, speakers who have no name yet, and waiting for a seat."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "information",
                "discussion",
                "adoption",
                name="pointkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("minutes IS NULL OR minutes > 0", name=op.f("ck_agenda_point_minutes")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["agenda_session.id"],
            name=op.f("fk_agenda_point_session_id_agenda_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_point")),
    )
    with op.batch_alter_table("agenda_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_point_session_id"), ["session_id"], unique=False)

    op.create_table(
        "revised_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revised_session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "information",
                "discussion",
                "adoption",
                name="pointkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["revised_session_id"],
            ["revised_session.id"],
            name=op.f("fk_revised_point_revised_session_id_revised_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revised_point")),
    )
    with op.batch_alter_table("revised_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revised_point_revised_session_id"), ["revised_session_id"], unique=False)

    op.create_table(
        "session_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "everybody",
                "admitted",
                "organisers",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["agenda_session.id"],
            name=op.f("fk_session_document_session_id_agenda_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_document")),
        sa.UniqueConstraint("token", name=op.f("uq_session_document_token")),
    )
    with op.batch_alter_table("session_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_document_session_id"), ["session_id"], unique=False)

    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expected", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_agenda_session_expected"), "expected IS NULL OR expected >= 0")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_check_constraint(batch_op.f("ck_part_nobody_yet"), "person_id IS NOT NULL OR state = 'tbc'")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_place_placestate"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_place_placestate"), "state IN ('invited', 'taken', 'declined', 'waiting')"
        )


def downgrade() -> None:
    # What the older schema has no row for.
    op.execute("DELETE FROM place WHERE state = 'waiting'")
    op.execute("DELETE FROM part WHERE person_id IS NULL")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_place_placestate"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_place_placestate"), "state IN ('invited', 'taken', 'declined')")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_part_nobody_yet"), type_="check")
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_agenda_session_expected"), type_="check")
        batch_op.drop_column("expected")
    with op.batch_alter_table("session_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_document_session_id"))

    op.drop_table("session_document")

    with op.batch_alter_table("revised_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revised_point_revised_session_id"))

    op.drop_table("revised_point")

    with op.batch_alter_table("agenda_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agenda_point_session_id"))

    op.drop_table("agenda_point")

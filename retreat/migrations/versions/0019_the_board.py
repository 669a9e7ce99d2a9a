"""Every step on the board with its inverse, and who is there just now."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "moved",
                "resized",
                "placed",
                "taken-off",
                "swapped",
                "shifted",
                "copied",
                name="stepkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.Column("is_passed_by", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_agenda_step_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name=op.f("fk_agenda_step_organiser_id_organiser"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_step")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_agenda_step_edition_id_number")),
    )
    with op.batch_alter_table("agenda_step", schema=None) as batch_op:
        batch_op.create_index("ix_agenda_step_organiser", ["edition_id", "organiser_id", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_agenda_step_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "board_presence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_board_presence_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_board_presence_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["agenda_session.id"],
            name=op.f("fk_board_presence_session_id_agenda_session"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_presence")),
        sa.UniqueConstraint("edition_id", "organiser_id", name=op.f("uq_board_presence_edition_id_organiser_id")),
    )
    with op.batch_alter_table("board_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_board_presence_organiser_id"), ["organiser_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_board_presence_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("board_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_board_presence_session_id"))
        batch_op.drop_index(batch_op.f("ix_board_presence_organiser_id"))

    op.drop_table("board_presence")

    with op.batch_alter_table("agenda_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agenda_step_organiser_id"))
        batch_op.drop_index("ix_agenda_step_organiser")

    op.drop_table("agenda_step")

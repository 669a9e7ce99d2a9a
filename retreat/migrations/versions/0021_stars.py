"""Sessions that people have starred; the language that a revision falls back to."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "star",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_star_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_star_session_id_agenda_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star")),
        sa.UniqueConstraint("person_id", "session_id", name=op.f("uq_star_person_id_session_id")),
    )
    op.create_index(op.f("ix_star_session_id"), "star", ["session_id"])
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("main_language", sa.String(length=8), nullable=False, server_default="en"))
    op.execute(
        "UPDATE revision SET main_language = (SELECT main_language FROM edition WHERE edition.id = revision.edition_id)"
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.alter_column("main_language", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_column("main_language")
    op.drop_index(op.f("ix_star_session_id"), table_name="star")
    op.drop_table("star")

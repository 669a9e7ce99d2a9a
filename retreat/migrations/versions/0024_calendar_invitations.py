"""Calendar invitations by mail, and the iTIP message that a mail carries."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_calendar_invitation_sequence")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_calendar_invitation_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_invitation_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_invitation")),
        sa.UniqueConstraint("person_id", "uid", name=op.f("uq_calendar_invitation_person_id_uid")),
    )
    op.create_index(op.f("ix_calendar_invitation_edition_id"), "calendar_invitation", ["edition_id"])
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendar", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.alter_column("calendar", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_column("calendar")
    op.drop_index(op.f("ix_calendar_invitation_edition_id"), table_name="calendar_invitation")
    op.drop_table("calendar_invitation")

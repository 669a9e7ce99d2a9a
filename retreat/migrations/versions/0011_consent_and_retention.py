"""Versions of the consent, who is shown to others, and how long personal data is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_consent_text_number")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_consent_text_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_consent_text_edition_id_number")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_text_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("is_shown", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_registration_consent_text_id"), ["consent_text_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_consent_text_id_consent_text"),
            "consent_text",
            ["consent_text_id"],
            ["id"],
            ondelete="SET NULL",
        )
    # Only the rows that were there needed it.
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("is_shown", server_default=None)
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("are_participants_shown", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("keep_months", sa.Integer(), nullable=False, server_default=sa.text("24")))
        batch_op.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_edition_keep_months"), "keep_months >= 1")
    # Only the rows that were there needed it.
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.alter_column("are_participants_shown", server_default=None)
        batch_op.alter_column("keep_months", server_default=None)
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_shown", sa.Boolean(), nullable=False, server_default=sa.true()))
    # Only the rows that were there needed it.
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.alter_column("is_shown", server_default=None)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("erased_at")
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.drop_column("is_shown")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_edition_keep_months"), type_="check")
        batch_op.drop_column("forgotten_at")
        batch_op.drop_column("keep_months")
        batch_op.drop_column("are_participants_shown")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_registration_consent_text_id_consent_text"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_registration_consent_text_id"))
        batch_op.drop_column("is_shown")
        batch_op.drop_column("consent_text_id")
    op.drop_table("consent_text")

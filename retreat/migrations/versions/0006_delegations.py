"""Delegations with their quotas, their coordinator's links, and substitutions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegation_quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "city",
                "region",
                "association",
                "partner",
                "secretariat",
                "other",
                name="organisationkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("delegates", sa.Integer(), nullable=True),
        sa.Column("support", sa.Integer(), nullable=True),
        sa.CheckConstraint("delegates IS NULL OR delegates >= 0", name=op.f("ck_delegation_quota_delegates")),
        sa.CheckConstraint("support IS NULL OR support >= 0", name=op.f("ck_delegation_quota_support")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_delegation_quota_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_quota")),
        sa.UniqueConstraint("edition_id", "kind", name=op.f("uq_delegation_quota_edition_id_kind")),
    )

    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("coordinator_name", sa.String(), nullable=False),
        sa.Column("coordinator_email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("delegates", sa.Integer(), nullable=True),
        sa.Column("support", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("delegates IS NULL OR delegates >= 0", name=op.f("ck_delegation_delegates")),
        sa.CheckConstraint("support IS NULL OR support >= 0", name=op.f("ck_delegation_support")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_delegation_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_delegation_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("edition_id", "organisation_id", name=op.f("uq_delegation_edition_id_organisation_id")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "delegation_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_token_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_delegation_token_token_hash")),
    )
    with op.batch_alter_table("delegation_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_token_delegation_id"), ["delegation_id"], unique=False)

    op.create_table(
        "substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "refused",
                "taken-back",
                name="substitutionstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_substitution_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["registration.id"],
            name=op.f("fk_substitution_successor_id_registration"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_substitution_registration_id"), ["registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_substitution_successor_id"), ["successor_id"], unique=False)
        batch_op.create_index(
            "uq_substitution_open",
            ["registration_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delegation_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "delegation_role",
                sa.Enum(
                    "head",
                    "member",
                    "aide",
                    "interpreter",
                    name="delegationrole",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.create_index("ix_registration_delegation", ["delegation_id"], unique=False)
        batch_op.create_index(
            "uq_registration_head",
            ["delegation_id"],
            unique=True,
            sqlite_where=sa.text("delegation_role = 'head' AND status IN ('submitted', 'approved', 'waitlisted')"),
            postgresql_where=sa.text("delegation_role = 'head' AND status IN ('submitted', 'approved', 'waitlisted')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_delegation_id_delegation"),
            "delegation",
            ["delegation_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_registration_delegation_role"), "(delegation_id IS NULL) = (delegation_role IS NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_registration_delegation_role"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_registration_delegationrole"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_registration_delegation_id_delegation"), type_="foreignkey")
        batch_op.drop_index(
            "uq_registration_head",
            sqlite_where=sa.text("delegation_role = 'head' AND status IN ('submitted', 'approved', 'waitlisted')"),
            postgresql_where=sa.text("delegation_role = 'head' AND status IN ('submitted', 'approved', 'waitlisted')"),
        )
        batch_op.drop_index("ix_registration_delegation")
        batch_op.drop_column("delegation_role")
        batch_op.drop_column("delegation_id")
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_substitution_open",
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )
        batch_op.drop_index(batch_op.f("ix_substitution_successor_id"))
        batch_op.drop_index(batch_op.f("ix_substitution_registration_id"))

    op.drop_table("substitution")

    with op.batch_alter_table("delegation_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_token_delegation_id"))

    op.drop_table("delegation_token")

    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_organisation_id"))

    op.drop_table("delegation")

    op.drop_table("delegation_quota")

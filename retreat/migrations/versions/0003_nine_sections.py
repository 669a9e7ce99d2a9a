"""The nine Sections of UCLG come with the schema."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SECTIONS = (
    ("africa", "Africa", "Afrique", "África", "Африка"),
    ("asia-pacific", "Asia-Pacific", "Asie-Pacifique", "Asia-Pacífico", "Азиатско-Тихоокеанский регион"),
    ("eurasia", "Eurasia", "Eurasie", "Eurasia", "Евразия"),
    ("europe", "Europe", "Europe", "Europa", "Европа"),
    (
        "mewa",
        "Middle East and West Asia",
        "Moyen-Orient et Asie de l’Ouest",
        "Oriente Medio y Asia Occidental",
        "Ближний Восток и Западная Азия",
    ),
    ("latin-america", "Latin America", "Amérique latine", "América Latina", "Латинская Америка"),
    ("north-america", "North America", "Amérique du Nord", "América del Norte", "Северная Америка"),
    ("metropolis", "Metropolis", "Metropolis", "Metropolis", "Метрополис"),
    ("forum-of-regions", "Forum of Regions", "Forum des régions", "Foro de Regiones", "Форум регионов"),
)

section = sa.table(
    "section",
    sa.column("slug", sa.String),
    sa.column("name", sa.JSON),
    sa.column("position", sa.Integer),
)


def upgrade() -> None:
    op.bulk_insert(
        section,
        [
            {"slug": slug, "name": {"en": en, "es": es, "fr": fr, "ru": ru}, "position": position}
            for position, (slug, en, fr, es, ru) in enumerate(SECTIONS, start=1)
        ],
    )


def downgrade() -> None:
    op.execute(sa.delete(section).where(section.c.slug.in_([row[0] for row in SECTIONS])))

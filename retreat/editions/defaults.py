"""What a new edition starts with; every bit of it can be changed."""

from typing import Any

from retreat.core.i18n import Translated


def _category(
    position: int, slug: str, letter: str, colour: str, en: str, fr: str, es: str, ru: str, *, is_public: bool = True
) -> dict[str, Any]:
    return {
        "position": position,
        "slug": slug,
        "letter": letter,
        "colour": colour,
        "name": Translated(en=en, fr=fr, es=es, ru=ru),
        "is_public": is_public,
    }


CATEGORIES: tuple[dict[str, Any], ...] = (
    _category(1, "delegate", "D", "#0b4a86", "Delegate", "Délégué", "Delegado", "Делегат"),
    _category(2, "elected", "E", "#7a1430", "Elected official", "Élu local", "Cargo electo", "Избранный руководитель"),
    _category(3, "secretariat", "S", "#0f6b4f", "Secretariat", "Secrétariat", "Secretaría", "Секретариат"),
    _category(4, "partner", "P", "#5b3a86", "Partner", "Partenaire", "Socio", "Партнёр"),
    _category(5, "press", "M", "#95430a", "Press", "Presse", "Prensa", "Пресса"),
    _category(6, "accompanying", "A", "#3d5a1e", "Accompanying", "Accompagnant", "Acompañante", "Сопровождающее лицо"),
    _category(7, "host", "H", "#1d5f7a", "Host city", "Ville hôte", "Ciudad anfitriona", "Принимающий город"),
)
"""Colour and letter together: the letter is for those who do not see the colour."""

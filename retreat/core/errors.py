"""The root of the errors that are sentences to the person who caused them."""

from http import HTTPStatus


class RetreatError(Exception):
    """A refusal. `message` is a translated sentence; leaves carry their data as attributes.

    Leaves live beside the function that raises them.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else self.__class__.__name__

    def __str__(self) -> str:
        return self.message


class NotFound(RetreatError):
    """What was asked for is not there, or not for this person."""

    status = HTTPStatus.NOT_FOUND

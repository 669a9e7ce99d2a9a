"""Whether a letter is ours: a page for embassies and border police that shows no personal data."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from limits import parse

from retreat.core.http import spend
from retreat.registration.letters.forms import VerifyForm
from retreat.registration.letters.verification import verify

blueprint = Blueprint("verify", __name__)

QUESTIONS_PER_ADDRESS = parse("600 per hour")
"""A consulate checks a delegation of three hundred in an afternoon; one number in 923,521 is a letter's."""


@blueprint.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/verify", methods=["GET", "POST"])
def page() -> Any:
    """With ?number=, as the code on the letter has it, the answer comes at once; a name is only ever posted."""
    form = VerifyForm()
    if request.method == "GET" and "number" in request.args:
        form.number.data = request.args["number"].replace("\x00", "")[:80]
    elif not form.validate_on_submit():
        return render_template("registration/letters/verify.html", form=form, verdict=None), 422 if form.errors else 200
    if not spend(QUESTIONS_PER_ADDRESS, "verify", get_remote_address()):
        form.form_errors.append(_("Very many numbers were asked from your network. Try again in an hour."))
        return render_template("registration/letters/verify.html", form=form, verdict=None), 429
    verdict = verify(form.number.data or "", form.name.data or "")
    return render_template("registration/letters/verify.html", form=form, verdict=verdict)

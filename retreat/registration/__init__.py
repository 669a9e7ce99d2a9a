"""A person's registration at an edition, from the form to the decision."""

"""Personal links that invite somebody to register: sent, reminded, answered, expired, revoked."""

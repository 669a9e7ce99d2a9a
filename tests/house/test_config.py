"""What the environment says: taken as it is meant, or refused in a sentence."""

import pytest

import config


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "nonsense"), ("DATABASE_URL", "mysql://localhost/x"), ("REDIS_URL", "localhost")],
)
def test_an_address_of_another_kind_is_refused(tmp_path, name, value):
    with pytest.raises(config.ConfigError, match=f"{name} must begin with "):
        config.Development({name: value, "RETREAT_DATA": str(tmp_path)})


@pytest.mark.parametrize("spelling", ["postgres", "postgresql"])
def test_postgresql_may_be_spelt_both_ways(tmp_path, spelling):
    told = config.Development({"DATABASE_URL": f"{spelling}://u@h/d", "RETREAT_DATA": str(tmp_path)})
    assert told.database_url == "postgresql+psycopg://u@h/d"

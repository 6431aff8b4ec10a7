from tests.handlers.api.test_hostile import besiege
def test_long(database_url): besiege(database_url, 8000)

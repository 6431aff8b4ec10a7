"""0004 budget."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    pass


def downgrade() -> None:
    """Back to the one before."""
    pass

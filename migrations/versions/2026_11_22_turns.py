"""Queues for what may be done only so often a minute

Revision: 2026_11_22_turns, after 2026_11_22_links_of_instance
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_turns'
down_revision = '2026_11_22_links_of_instance'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('message_turn',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_message_turn'))
    )


def downgrade() -> None:
    op.drop_table('message_turn')

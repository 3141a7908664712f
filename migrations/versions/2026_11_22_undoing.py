"""Imports of readings are taken back step by step: who asked for it, and how many figures stayed

Revision: 2026_11_22_undoing, after 2026_11_22_needs
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_undoing'
down_revision = '2026_11_22_needs'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('kpi_import', sa.Column('undone_by_id', sa.Integer(), nullable=True))
    op.add_column('kpi_import', sa.Column('stayed', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('kpi_import', 'stayed')
    op.drop_column('kpi_import', 'undone_by_id')

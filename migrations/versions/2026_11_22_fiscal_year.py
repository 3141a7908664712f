"""With which month a program's company begins its year

Revision: 2026_11_22_fiscal_year, after 2026_11_22_undoing
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_fiscal_year'
down_revision = '2026_11_22_undoing'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'kpi_fiscal_year',
        sa.Column('program_id', sa.Integer(), nullable=False),
        sa.Column('begins', sa.Integer(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['program_id'], ['program.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('program_id'),
    )


def downgrade() -> None:
    op.drop_table('kpi_fiscal_year')

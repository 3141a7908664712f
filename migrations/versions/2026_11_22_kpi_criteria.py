"""KPIs: what gates ask of them

Revision: 2026_11_22_kpi_criteria, after 2026_11_22_steering
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_kpi_criteria'
down_revision = '2026_11_22_steering'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('kpi_criterion',
    sa.Column('criterion_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('upper', sa.BigInteger(), nullable=True),
    sa.Column('periods', sa.Integer(), nullable=False),
    sa.CheckConstraint('periods BETWEEN 1 AND 26', name=op.f('ck_kpi_criterion_periods')),
    sa.ForeignKeyConstraint(['criterion_id'], ['gate_criterion.id'], name=op.f('fk_kpi_criterion_criterion_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_criterion_kpi_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('criterion_id', name=op.f('pk_kpi_criterion'))
    )
    op.create_index(op.f('ix_kpi_criterion_kpi_id'), 'kpi_criterion', ['kpi_id'])


def downgrade() -> None:
    op.drop_table('kpi_criterion')

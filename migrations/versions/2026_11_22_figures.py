"""What plugins that measure KPIs sent, and what of it could not be taken

Revision: 2026_11_22_figures, after 2026_11_22_panels
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_figures'
down_revision = '2026_11_22_panels'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'figures_report',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('taken_on', sa.Date(), nullable=True),
        sa.Column('added', sa.Integer(), nullable=False),
        sa.Column('changed', sa.Integer(), nullable=False),
        sa.Column('unchanged', sa.Integer(), nullable=False),
        sa.Column('wrong', sa.JSON(), nullable=False),
        sa.Column('wrong_rows', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('connection_id'),
    )
    op.create_table(
        'taken_figure',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('source_key', sa.String(length=200), nullable=False),
        sa.Column('period', sa.Date(), nullable=False),
        sa.Column('digest', sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('connection_id', 'source_key', 'period'),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table('taken_figure')
    op.drop_table('figures_report')

"""What plugins show about programs, kept for pages to read

Revision: 2026_11_22_panels, after 2026_11_22_kpi_criteria
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_panels'
down_revision = '2026_11_22_kpi_criteria'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plugin_panel',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('plugin', sa.String(length=60), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_plugin_panel_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', 'plugin', name=op.f('pk_plugin_panel'))
    )


def downgrade() -> None:
    op.drop_table('plugin_panel')

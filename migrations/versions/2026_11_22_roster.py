"""Rounds of the pulse know how many came and went since the one before

Revision: 2026_11_22_roster, after 2026_11_22_turns
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_roster'
down_revision = '2026_11_22_turns'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'survey_roster',
        sa.Column('survey_id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(length=64), nullable=False),
        sa.Column('part', sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('survey_id', 'code'),
        sqlite_with_rowid=False,
    )
    op.add_column('survey_round', sa.Column('turnover', sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column('survey_round', 'turnover')
    op.drop_table('survey_roster')

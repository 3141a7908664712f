"""What programs need of one another

Revision: 2026_11_22_needs, after 2026_11_22_exports
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_needs'
down_revision = '2026_11_22_exports'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('program_need',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('giver_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('needed_on', sa.Date(), nullable=False),
    sa.Column('gate_id', sa.Integer(), nullable=True),
    sa.Column('met_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('program_id <> giver_id', name=op.f('ck_program_need_two_programs')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_program_need_created_by_id')),
    sa.ForeignKeyConstraint(['gate_id'], ['gate.id'], name=op.f('fk_program_need_gate_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['giver_id'], ['program.id'], name=op.f('fk_program_need_giver_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_program_need_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program_need'))
    )
    op.create_index('ix_program_need_gate_id', 'program_need', ['gate_id'])
    op.create_index('ix_program_need_giver_id', 'program_need', ['giver_id'])
    op.create_index('ix_program_need_program_id', 'program_need', ['program_id', 'needed_on'])


def downgrade() -> None:
    op.drop_table('program_need')

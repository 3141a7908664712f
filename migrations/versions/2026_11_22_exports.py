"""Files of the progress page, and the company's template for slides

Revision: 2026_11_22_exports, after 2026_11_22_meetings
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_exports'
down_revision = '2026_11_22_meetings'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('export_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('is_past', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_export_file_asked_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_export_file_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export_file'))
    )
    with op.batch_alter_table('export_file', schema=None) as batch_op:
        batch_op.create_index('ix_export_file_program_id', ['program_id', 'id'], unique=False)
        batch_op.create_index('ix_export_file_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_export_file_asked_by_id', ['asked_by_id', 'asked_at'], unique=False)
        batch_op.create_index('ix_export_file_asked_at', ['asked_at'], unique=False)
    op.create_table('slide_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('layouts', sa.JSON(), nullable=False),
    sa.Column('title_layout', sa.Integer(), nullable=False),
    sa.Column('page_layout', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_slide_template_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['person.id'], name=op.f('fk_slide_template_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slide_template')),
    sa.UniqueConstraint('program_id', name=op.f('uq_slide_template_program_id'))
    )


def downgrade():
    op.drop_table('slide_template')
    with op.batch_alter_table('export_file', schema=None) as batch_op:
        batch_op.drop_index('ix_export_file_asked_at')
        batch_op.drop_index('ix_export_file_asked_by_id')
        batch_op.drop_index('ix_export_file_state')
        batch_op.drop_index('ix_export_file_program_id')
    op.drop_table('export_file')

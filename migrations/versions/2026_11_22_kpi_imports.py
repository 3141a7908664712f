"""Files of readings come in step by step and can be taken back; sources send only so much a minute

Revision: 2026_11_22_kpi_imports, after 2026_11_22_roster
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_kpi_imports'
down_revision = '2026_11_22_roster'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('kpi_import', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason', sa.String(length=500), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('beat_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('kpi_import', schema=None) as batch_op:
        batch_op.alter_column('reason', server_default=None)
    with op.batch_alter_table('kpi_source', schema=None) as batch_op:
        batch_op.add_column(sa.Column('minute_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('minute_calls', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('kpi_source', schema=None) as batch_op:
        batch_op.alter_column('minute_calls', server_default=None)
    op.create_table('kpi_import_reading',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('period', sa.Date(), nullable=True),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.Column('confidence', sa.String(length=8), nullable=True),
    sa.Column('former', sa.BigInteger(), nullable=True),
    sa.Column('former_note', sa.String(length=500), nullable=True),
    sa.Column('former_confidence', sa.String(length=8), nullable=True),
    sa.Column('former_way', sa.String(length=10), nullable=True),
    sa.Column('former_source', sa.String(length=200), nullable=True),
    sa.Column('former_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('former_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['kpi_import.id'], name=op.f('fk_kpi_import_reading_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'place', name=op.f('pk_kpi_import_reading')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('kpi_import_reading', schema=None) as batch_op:
        batch_op.create_index('ix_kpi_import_reading_place', ['import_id', 'kpi_id', 'channel', 'period'], unique=False)


def downgrade():
    op.drop_table('kpi_import_reading')
    with op.batch_alter_table('kpi_source', schema=None) as batch_op:
        batch_op.drop_column('minute_calls')
        batch_op.drop_column('minute_at')
    with op.batch_alter_table('kpi_import', schema=None) as batch_op:
        batch_op.drop_column('undone_at')
        batch_op.drop_column('beat_at')
        batch_op.drop_column('reason')

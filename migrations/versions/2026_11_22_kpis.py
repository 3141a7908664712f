"""KPIs: what is measured, what was measured, the index, and the reviews

Revision: 2026_11_22_kpis, after 2026_11_22_plan_rows
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_kpis'
down_revision = '2026_11_22_plan_rows'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer_channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_customer_channel_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_channel')),
    sa.UniqueConstraint('program_id', 'key', name=op.f('uq_customer_channel_program_id_key'))
    )
    op.create_table('index_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('carries', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_index_version_created_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_index_version_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_index_version')),
    sa.UniqueConstraint('program_id', 'since', name=op.f('uq_index_version_program_id_since'))
    )
    op.create_table('kpi',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('catalogue', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('meaning', sa.Text(), nullable=False),
    sa.Column('formula', sa.Text(), nullable=False),
    sa.Column('unit', sa.String(length=10), nullable=False),
    sa.Column('unit_name', sa.String(length=20), nullable=False),
    sa.Column('decimals', sa.Integer(), nullable=False),
    sa.Column('better', sa.String(length=10), nullable=False),
    sa.Column('inside_low', sa.BigInteger(), nullable=True),
    sa.Column('inside_high', sa.BigInteger(), nullable=True),
    sa.Column('scale_low', sa.BigInteger(), nullable=True),
    sa.Column('scale_high', sa.BigInteger(), nullable=True),
    sa.Column('amber_percent', sa.BigInteger(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('deputy_id', sa.Integer(), nullable=True),
    sa.Column('every', sa.String(length=8), nullable=False),
    sa.Column('stale_after', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('overall_by', sa.String(length=10), nullable=False),
    sa.Column('volume_id', sa.Integer(), nullable=True),
    sa.Column('is_on_board', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('decimals BETWEEN 0 AND 3', name=op.f('ck_kpi_decimals')),
    sa.CheckConstraint('stale_after BETWEEN 1 AND 12', name=op.f('ck_kpi_stale_after')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_kpi_created_by_id')),
    sa.ForeignKeyConstraint(['deputy_id'], ['person.id'], name=op.f('fk_kpi_deputy_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_kpi_owner_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_kpi_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['volume_id'], ['kpi.id'], name=op.f('fk_kpi_volume_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi')),
    sa.UniqueConstraint('program_id', 'code', name=op.f('uq_kpi_program_id_code'))
    )
    with op.batch_alter_table('kpi', schema=None) as batch_op:
        batch_op.create_index('ix_kpi_owner_id', ['owner_id'], unique=False)

    op.create_table('kpi_closed_period',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['closed_by_id'], ['person.id'], name=op.f('fk_kpi_closed_period_closed_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_kpi_closed_period_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', name=op.f('pk_kpi_closed_period'))
    )
    op.create_table('kpi_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('rows_done', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('problems', sa.JSON(), nullable=False),
    sa.Column('wrong_rows', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_kpi_import_created_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_kpi_import_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_import'))
    )
    with op.batch_alter_table('kpi_import', schema=None) as batch_op:
        batch_op.create_index('ix_kpi_import_program_id', ['program_id', 'id'], unique=False)
        batch_op.create_index('ix_kpi_import_state', ['state'], unique=False)

    op.create_table('kpi_source',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('secret_sealed', sa.Text(), nullable=False),
    sa.Column('codes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_kpi_source_created_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_kpi_source_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_source')),
    sa.UniqueConstraint('program_id', 'name', name=op.f('uq_kpi_source_program_id_name')),
    sa.UniqueConstraint('public_id', name=op.f('uq_kpi_source_public_id'))
    )
    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('meant_for', sa.Date(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('meets_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('held_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['closed_by_id'], ['person.id'], name=op.f('fk_review_closed_by_id')),
    sa.ForeignKeyConstraint(['held_by_id'], ['person.id'], name=op.f('fk_review_held_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_review_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('program_id', 'meant_for', name=op.f('uq_review_program_id_meant_for'))
    )
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.create_index('ix_review_state', ['state', 'meets_at'], unique=False)

    op.create_table('review_plan',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('cadence', sa.JSON(), nullable=False),
    sa.Column('collect_days', sa.Integer(), nullable=False),
    sa.Column('chair_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=120), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['chair_id'], ['person.id'], name=op.f('fk_review_plan_chair_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_review_plan_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', name=op.f('pk_review_plan'))
    )
    with op.batch_alter_table('review_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_plan_next_at'), ['next_at'], unique=False)

    op.create_table('index_part',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('weight', sa.BigInteger(), nullable=False),
    sa.Column('floor', sa.BigInteger(), nullable=False),
    sa.Column('goal', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('floor <> goal', name=op.f('ck_index_part_scale')),
    sa.CheckConstraint('weight > 0', name=op.f('ck_index_part_weight')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_index_part_kpi_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['index_version.id'], name=op.f('fk_index_part_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_index_part')),
    sa.UniqueConstraint('version_id', 'kpi_id', 'channel', name=op.f('uq_index_part_version_id_kpi_id_channel'))
    )
    op.create_table('index_value',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_index_value_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['index_version.id'], name=op.f('fk_index_value_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', 'week', name=op.f('pk_index_value'))
    )
    op.create_table('kpi_annotation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=True),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_kpi_annotation_created_by_id')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_annotation_kpi_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_kpi_annotation_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_annotation'))
    )
    with op.batch_alter_table('kpi_annotation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_kpi_annotation_kpi_id'), ['kpi_id'], unique=False)
        batch_op.create_index('ix_kpi_annotation_program_id', ['program_id', 'on_day'], unique=False)

    op.create_table('kpi_baseline',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('until >= since', name=op.f('ck_kpi_baseline_order')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_baseline_kpi_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_baseline')),
    sa.UniqueConstraint('kpi_id', 'channel', name=op.f('uq_kpi_baseline_kpi_id_channel'))
    )
    op.create_table('kpi_channel',
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_channel_kpi_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('kpi_id', 'channel', name=op.f('pk_kpi_channel')),
    sqlite_with_rowid=False
    )
    op.create_table('kpi_correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('former', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_kpi_correction_by_id')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_correction_kpi_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_correction'))
    )
    with op.batch_alter_table('kpi_correction', schema=None) as batch_op:
        batch_op.create_index('ix_kpi_correction_kpi_id', ['kpi_id', 'channel', 'period'], unique=False)

    op.create_table('kpi_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('confidence', sa.String(length=8), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entered_by_id'], ['person.id'], name=op.f('fk_kpi_reading_entered_by_id')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_reading_kpi_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_kpi_reading_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_reading')),
    sa.UniqueConstraint('kpi_id', 'channel', 'period', name=op.f('uq_kpi_reading_kpi_id_channel_period'))
    )
    with op.batch_alter_table('kpi_reading', schema=None) as batch_op:
        batch_op.create_index('ix_kpi_reading_program_id', ['program_id', 'period'], unique=False)

    op.create_table('kpi_target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('upper', sa.BigInteger(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_kpi_target_kpi_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_target')),
    sa.UniqueConstraint('kpi_id', 'channel', 'due_on', name=op.f('uq_kpi_target_kpi_id_channel_due_on'))
    )
    op.create_table('review_ask',
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_on_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_review_ask_kpi_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_review_ask_person_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_ask_review_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('review_id', 'kpi_id', name=op.f('pk_review_ask'))
    )
    with op.batch_alter_table('review_ask', schema=None) as batch_op:
        batch_op.create_index('ix_review_ask_person_id', ['person_id'], unique=False)

    op.create_table('review_confidence',
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_review_confidence_by_id')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_review_confidence_kpi_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_confidence_review_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('review_id', 'kpi_id', name=op.f('pk_review_confidence'))
    )
    op.create_table('review_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('remote_key', sa.String(length=120), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_review_note_author_id')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_review_note_kpi_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_review_note_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_note_review_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_note')),
    sa.UniqueConstraint('review_id', 'remote_key', name=op.f('uq_review_note_review_id_remote_key'))
    )
    with op.batch_alter_table('review_note', schema=None) as batch_op:
        batch_op.create_index('ix_review_note_review_id', ['review_id', 'id'], unique=False)

    op.create_table('review_action',
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_review_action_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpi.id'], name=op.f('fk_review_action_kpi_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_action_review_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('review_id', 'item_id', name=op.f('pk_review_action'))
    )
    with op.batch_alter_table('review_action', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_action_item_id'), ['item_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('review_action', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_action_item_id'))

    op.drop_table('review_action')
    with op.batch_alter_table('review_note', schema=None) as batch_op:
        batch_op.drop_index('ix_review_note_review_id')

    op.drop_table('review_note')
    op.drop_table('review_confidence')
    with op.batch_alter_table('review_ask', schema=None) as batch_op:
        batch_op.drop_index('ix_review_ask_person_id')

    op.drop_table('review_ask')
    op.drop_table('kpi_target')
    with op.batch_alter_table('kpi_reading', schema=None) as batch_op:
        batch_op.drop_index('ix_kpi_reading_program_id')

    op.drop_table('kpi_reading')
    with op.batch_alter_table('kpi_correction', schema=None) as batch_op:
        batch_op.drop_index('ix_kpi_correction_kpi_id')

    op.drop_table('kpi_correction')
    op.drop_table('kpi_channel')
    op.drop_table('kpi_baseline')
    with op.batch_alter_table('kpi_annotation', schema=None) as batch_op:
        batch_op.drop_index('ix_kpi_annotation_program_id')
        batch_op.drop_index(batch_op.f('ix_kpi_annotation_kpi_id'))

    op.drop_table('kpi_annotation')
    op.drop_table('index_value')
    op.drop_table('index_part')
    with op.batch_alter_table('review_plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_plan_next_at'))

    op.drop_table('review_plan')
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_index('ix_review_state')

    op.drop_table('review')
    op.drop_table('kpi_source')
    with op.batch_alter_table('kpi_import', schema=None) as batch_op:
        batch_op.drop_index('ix_kpi_import_state')
        batch_op.drop_index('ix_kpi_import_program_id')

    op.drop_table('kpi_import')
    op.drop_table('kpi_closed_period')
    with op.batch_alter_table('kpi', schema=None) as batch_op:
        batch_op.drop_index('ix_kpi_owner_id')

    op.drop_table('kpi')
    op.drop_table('index_version')
    op.drop_table('customer_channel')

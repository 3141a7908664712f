"""Outbox and clock: messages with their fate, how people want to be reached, and when each tick is due

Revision: 2026_11_22_outbox, after 2026_11_22_team_and_change
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_outbox'
down_revision = '2026_11_22_team_and_change'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clock',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_clock'))
    )
    op.create_table('tick',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('took_ms', sa.Integer(), nullable=True),
    sa.Column('done', sa.Integer(), nullable=True),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_tick'))
    )
    op.create_table('tick_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('took_ms', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Boolean(), nullable=False),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.Column('clock', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tick_run'))
    )
    with op.batch_alter_table('tick_run', schema=None) as batch_op:
        batch_op.create_index('ix_tick_run_at', ['at'], unique=False)
        batch_op.create_index('ix_tick_run_name', ['name', 'at'], unique=False)

    op.create_table('message_wishes',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('ways', sa.JSON(), nullable=False),
    sa.Column('closed_ways', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=8), nullable=False),
    sa.Column('prompts', sa.String(length=8), nullable=False),
    sa.Column('day_begins', sa.Integer(), nullable=False),
    sa.Column('day_ends', sa.Integer(), nullable=False),
    sa.Column('weekdays', sa.String(length=7), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('budget', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_message_wishes_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_message_wishes'))
    )
    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('pace', sa.String(length=8), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=200), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.Column('about', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('visible_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claim', sa.String(length=32), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('transport', sa.String(length=60), nullable=False),
    sa.Column('tried', sa.JSON(), nullable=False),
    sa.Column('reference', sa.String(length=300), nullable=False),
    sa.Column('why', sa.String(length=30), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('carried_by_id', sa.Integer(), nullable=True),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['carried_by_id'], ['message.id'], name=op.f('fk_message_carried_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_message_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_message_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('key', name=op.f('uq_message_key'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_about', ['about'], unique=False, sqlite_where=sa.text("about <> ''"), postgresql_where=sa.text("about <> ''"))
        batch_op.create_index('ix_message_carried_by_id', ['carried_by_id'], unique=False, sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
        batch_op.create_index('ix_message_created_at', ['created_at'], unique=False)
        batch_op.create_index('ix_message_due', ['state', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_message_person_id', ['person_id', 'visible_from'], unique=False)
        batch_op.create_index('ix_message_program_id', ['program_id', 'id'], unique=False)
        batch_op.create_index('ix_message_unread', ['person_id', 'visible_from'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))


def downgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_unread', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index('ix_message_program_id')
        batch_op.drop_index('ix_message_person_id')
        batch_op.drop_index('ix_message_due')
        batch_op.drop_index('ix_message_created_at')
        batch_op.drop_index('ix_message_carried_by_id', sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
        batch_op.drop_index('ix_message_about', sqlite_where=sa.text("about <> ''"), postgresql_where=sa.text("about <> ''"))

    op.drop_table('message')
    op.drop_table('message_wishes')
    with op.batch_alter_table('tick_run', schema=None) as batch_op:
        batch_op.drop_index('ix_tick_run_name')
        batch_op.drop_index('ix_tick_run_at')

    op.drop_table('tick_run')
    op.drop_table('tick')
    op.drop_table('clock')

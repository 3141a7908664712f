"""Plugins: what they are set up with, how they are doing, what outside belongs to what here

Revision: 2026_11_22_plugins, after messages and the clock
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_plugins'
down_revision = '2026_11_22_outbox'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plugin_report',
    sa.Column('plugin', sa.String(length=60), nullable=False),
    sa.Column('failed_hook', sa.String(length=40), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('health', sa.String(length=10), nullable=False),
    sa.Column('health_text', sa.Text(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('plugin', name=op.f('pk_plugin_report'))
    )
    op.create_table('plugin_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plugin', sa.String(length=60), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('secrets', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plugin_state')),
    sa.UniqueConstraint('plugin', name=op.f('uq_plugin_state_plugin'))
    )
    op.create_table('connection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plugin', sa.String(length=60), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('secrets', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_connection_created_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_connection_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connection')),
    sa.UniqueConstraint('program_id', 'plugin', 'name', name=op.f('uq_connection_program_id_plugin_name'))
    )
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.create_index('ix_connection_plugin', ['plugin'], unique=False)

    op.create_table('program_plugin',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('plugin', sa.String(length=60), nullable=False),
    sa.Column('enabled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('enabled_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enabled_by_id'], ['person.id'], name=op.f('fk_program_plugin_enabled_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_program_plugin_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', 'plugin', name=op.f('pk_program_plugin'))
    )
    with op.batch_alter_table('program_plugin', schema=None) as batch_op:
        batch_op.create_index('ix_program_plugin_plugin', ['plugin'], unique=False)

    op.create_table('connection_report',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('memory', sa.JSON(), nullable=False),
    sa.Column('sync_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('needs_person', sa.Boolean(), nullable=False),
    sa.Column('health', sa.String(length=10), nullable=False),
    sa.Column('health_text', sa.Text(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_connection_report_connection_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('connection_id', name=op.f('pk_connection_report'))
    )
    with op.batch_alter_table('connection_report', schema=None) as batch_op:
        batch_op.create_index('ix_connection_report_sync_at', ['sync_at'], unique=False)

    op.create_table('external_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=30), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('external_key', sa.String(length=200), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('base', sa.JSON(), nullable=False),
    sa.Column('synced_revision', sa.Integer(), nullable=False),
    sa.Column('remote_version', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_external_link_connection_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_external_link')),
    sa.UniqueConstraint('connection_id', 'object_type', 'external_id', name=op.f('uq_external_link_connection_id_object_type_external_id')),
    sa.UniqueConstraint('connection_id', 'object_type', 'object_id', name=op.f('uq_external_link_connection_id_object_type_object_id'))
    )
    with op.batch_alter_table('external_link', schema=None) as batch_op:
        batch_op.create_index('ix_external_link_due', ['connection_id', 'state', 'try_at'], unique=False)
        batch_op.create_index('ix_external_link_object', ['object_type', 'object_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('external_link', schema=None) as batch_op:
        batch_op.drop_index('ix_external_link_object')
        batch_op.drop_index('ix_external_link_due')

    op.drop_table('external_link')
    with op.batch_alter_table('connection_report', schema=None) as batch_op:
        batch_op.drop_index('ix_connection_report_sync_at')

    op.drop_table('connection_report')
    with op.batch_alter_table('program_plugin', schema=None) as batch_op:
        batch_op.drop_index('ix_program_plugin_plugin')

    op.drop_table('program_plugin')
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.drop_index('ix_connection_plugin')

    op.drop_table('connection')
    op.drop_table('plugin_state')
    op.drop_table('plugin_report')

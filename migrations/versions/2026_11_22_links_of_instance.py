"""Links of the whole instance, which belong to a plugin and no connection; and what a plugin was told once

Revision: 2026_11_22_links_of_instance, after 2026_11_22_kpis
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_links_of_instance'
down_revision = '2026_11_22_kpis'
branch_labels = None
depends_on = None

WHERE = sa.text('connection_id IS NULL')


def upgrade() -> None:
    with op.batch_alter_table('external_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('plugin', sa.String(length=60), server_default='', nullable=False))
        batch_op.alter_column('connection_id', existing_type=sa.Integer(), nullable=True)
        batch_op.create_check_constraint('owner', "(connection_id IS NULL) = (plugin <> '')")
    for name, column in (('ix_external_link_here', 'object_id'), ('ix_external_link_there', 'external_id')):
        op.create_index(
            name, 'external_link', ['plugin', 'object_type', column], unique=True,
            sqlite_where=WHERE, postgresql_where=WHERE,
        )
    op.create_table('plugin_once',
    sa.Column('plugin', sa.String(length=60), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('forget_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('plugin', 'digest', name=op.f('pk_plugin_once')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_plugin_once_forget_at', 'plugin_once', ['forget_at'])


def downgrade() -> None:
    op.drop_index('ix_plugin_once_forget_at', table_name='plugin_once')
    op.drop_table('plugin_once')
    op.drop_index('ix_external_link_there', table_name='external_link')
    op.drop_index('ix_external_link_here', table_name='external_link')
    # What belonged to no connection has no place in the former table.
    op.execute('DELETE FROM external_link WHERE connection_id IS NULL')
    with op.batch_alter_table('external_link', schema=None) as batch_op:
        batch_op.drop_constraint('owner', type_='check')
        batch_op.alter_column('connection_id', existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column('plugin')
